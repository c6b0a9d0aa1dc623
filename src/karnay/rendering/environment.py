"""Jinja for Markdown: sandboxed, strict about names, escaping by type, bounded in all it does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from jinja2 import Template, TemplateSyntaxError, nodes, pass_context
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment, safe_range
from jinja2.utils import Namespace
from jinja2.visitor import NodeTransformer

from karnay.rendering import budget
from karnay.rendering.fields import Fields, Missing
from karnay.rendering.filters import FILTERS, TESTS
from karnay.rendering.markup import Markdown, as_markdown, concatenated, joined
from karnay.rendering.operators import CHECKS

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from jinja2 import BaseLoader, Undefined
    from jinja2.environment import TemplateModule
    from jinja2.runtime import Context

# Names with a blank cannot be written in a template, so nobody calls these but our own rewriting.
_COUNTED, _JOINED, _WEIGHED = "count rounds", "join pieces", "weigh value"

_ASKING = frozenset(
    {
        "count",
        "endswith",
        "find",
        "index",
        "isalpha",
        "isdigit",
        "islower",
        "isnumeric",
        "isupper",
        "startswith",
    }
)
_MAKING = frozenset(
    {
        "capitalize",
        "casefold",
        "lower",
        "lstrip",
        "partition",
        "removeprefix",
        "removesuffix",
        "rpartition",
        "rsplit",
        "rstrip",
        "split",
        "splitlines",
        "strip",
        "swapcase",
        "title",
        "upper",
    }
)
_ATTRIBUTES: tuple[tuple[type | tuple[type, ...], frozenset[str]], ...] = (
    (Markdown, _ASKING),
    (str, _ASKING | _MAKING),
    (Mapping, frozenset({"get", "items", "keys", "values"})),
    ((list, tuple, range), frozenset({"count", "index"})),
    ((int, float), frozenset()),
)
"""What may be asked of a value; the first line that fits decides. Never what builds by a width."""


class _FreshTemplate(Template):
    """A template whose macros are made anew for each rendering.

    Jinja keeps what was imported without context, with texts in the language of the first post.
    """

    def _get_default_module(self, ctx: Context | None = None) -> TemplateModule:  # noqa: ARG002
        return self.make_module()


class MarkdownEnvironment(ImmutableSandboxedEnvironment):
    """Templates that write Markdown.

    Every printed value that is not a `Markdown` is escaped; blocks, macros, `super()` and
    `{% set %}` blocks are Markdown by construction. Renderings run inside `budget.spending`.
    """

    intercepted_binops = frozenset({"+", "*", "**", "%"})
    concat = staticmethod(concatenated)
    template_class = _FreshTemplate

    def __init__(self, loader: BaseLoader) -> None:
        # Not optimized: a constant must not be worded once for all languages.
        super().__init__(
            loader=loader,
            undefined=Missing,
            trim_blocks=True,
            lstrip_blocks=True,
            optimized=False,
            finalize=_printed,
        )
        self.filters = {**FILTERS, **_REWRITTEN}
        self.tests = dict(TESTS)
        self.globals = {"range": safe_range, "namespace": Namespace, "dict": dict}

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = _Bounding(name, filename).visit(super()._parse(source, name, filename))
        tree.set_environment(self)
        assert isinstance(tree, nodes.Template)  # noqa: S101 - the root is never replaced
        return tree

    def _load_template(self, name: str, globals: MutableMapping[str, Any] | None) -> Template:  # noqa: A002
        budget.step()
        return super()._load_template(name, globals)

    def getattr(self, obj: Any, attribute: str) -> Any:
        """A key of `data` is found even where Python knows a method of that name."""
        if isinstance(obj, Fields) and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Whether a template may use that attribute."""
        for types, allowed in _ATTRIBUTES:
            if isinstance(obj, types):
                return attr in allowed
        return super().is_safe_attribute(obj, attr, value)

    def wrap_str_format(self, value: Any) -> None:
        """`format` is no exception: it is refused like all that builds by a width."""

    def unsafe_undefined(self, obj: Any, attribute: str) -> Undefined:
        """What stands for an attribute that templates may not use."""
        hint = f"templates cannot use `{attribute}` of a {type(obj).__name__}"
        return self.undefined(hint, obj=obj, name=attribute, exc=SecurityError)

    def call(self, context: Context, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        """A call, counted with all that is given to it and, of a method, its owner."""
        budget.step()
        budget.weigh((getattr(obj, "__self__", None), args))
        return super().call(context, obj, *args, **kwargs)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """An operator that could build something enormous, after a look at what it would build."""
        CHECKS[operator](left, right)
        if operator == "+" and isinstance(left, str) and isinstance(right, str):
            return joined((left, right))
        return super().call_binop(context, operator, left, right)


_REWRITTEN = {_COUNTED: budget.counted, _JOINED: joined, _WEIGHED: budget.weigh}


class _Bounding(NodeTransformer):
    """Has every loop, comparison and slice counted, and `~` join as `+` does."""

    def __init__(self, name: str | None, filename: str | None) -> None:
        self._name, self._filename = name, filename

    def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802 - Jinja's name
        if node.recursive:
            raise self._refusal("recursive loops are not available; use a loop in a loop", node)
        node.iter = _through(_COUNTED, node.iter)
        return self.generic_visit(node)

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802 - Jinja's name
        pieces = nodes.Tuple(node.nodes, "load", lineno=node.lineno)
        return self.generic_visit(_through(_JOINED, pieces))

    def visit_Compare(self, node: nodes.Compare) -> nodes.Node:  # noqa: N802 - Jinja's name
        node.expr = _through(_WEIGHED, node.expr)
        for operand in node.ops:
            operand.expr = _through(_WEIGHED, operand.expr)
        return self.generic_visit(node)

    def visit_Getitem(self, node: nodes.Getitem) -> nodes.Node:  # noqa: N802 - Jinja's name
        if isinstance(node.arg, nodes.Slice):
            node.node = _through(_WEIGHED, node.node)
        return self.generic_visit(node)

    def visit_ScopedEvalContextModifier(self, node: nodes.Node) -> nodes.Node:  # noqa: N802
        raise self._refusal("{% autoescape %} is for HTML, and this is Markdown", node)

    def _refusal(self, reason: str, node: nodes.Node) -> TemplateSyntaxError:
        return TemplateSyntaxError(reason, node.lineno, self._name, self._filename)


def _through(name: str, node: nodes.Node) -> nodes.Filter:
    return nodes.Filter(node, name, [], [], None, None, lineno=node.lineno)


@pass_context  # which also keeps Jinja from printing constants when it compiles
def _printed(_context: Context, value: object) -> Markdown:
    return as_markdown(value)
