"""How the sandbox draws its pages: templates, without JavaScript."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from karnay.sandbox.marks import shown


@cache
def templates() -> Environment:
    """All of them; a network may add filters of its own."""
    made = Environment(
        loader=PackageLoader("karnay.sandbox", "html"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["shown"] = lambda post: shown(post.text, post.marks)
    return made


def text(name: str, **values: Any) -> str:
    """The template of that name, filled."""
    return templates().get_template(name).render(**values)


def page(name: str, status: int = 200, **values: Any) -> Response:
    """The same as a page."""
    return HTMLResponse(text(name, **values), status)
