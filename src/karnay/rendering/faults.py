"""What goes wrong in a template, as a problem with the template's file and line."""

from __future__ import annotations

import re
import traceback
from dataclasses import replace
from typing import TYPE_CHECKING

from jinja2 import TemplateError, TemplateNotFound, TemplateSyntaxError

from karnay.errors import Place, Problem, did_you_mean
from karnay.rendering.filters import FILTERS
from karnay.rendering.lookup import Lookup, Unreadable

if TYPE_CHECKING:
    from jinja2 import Template


def problem_of(error: Exception, lookup: Lookup, where: Place) -> Problem:
    """The error for people; `where` stands for a template that is no file, as text in a post."""
    return Problem(_place(error, lookup, where), _message(error, lookup))


def _place(error: Exception, lookup: Lookup, where: Place) -> Place:
    if isinstance(error, Unreadable):
        return error.place
    name, line = _origin(error)
    found = lookup.find(name) if name else None
    return replace(found.place, line=line) if found else where


def _origin(error: Exception) -> tuple[str | None, int]:
    """The name of the template and the line in it; no name, when it is no file."""
    if isinstance(error, TemplateSyntaxError):
        return error.name, error.lineno
    frames = (
        (frame.f_globals.get("__jinja_template__"), line)
        for frame, line in traceback.walk_tb(error.__traceback__)
    )
    inside: list[tuple[Template, int]] = [(found, line) for found, line in frames if found]
    if not inside:
        return None, 0
    template, line = inside[-1]
    return template.name, template.get_corresponding_lineno(line)


def _message(error: Exception, lookup: Lookup) -> str:
    match error:
        case RecursionError():
            return "the template calls itself without end, or is nested too deeply"
        case TemplateNotFound():
            near = did_you_mean(str(error.name), lookup.list_templates())
            return f'there is no template "{error.name}".{near}'
        case TemplateSyntaxError():
            return _with_filters(error.message or "the template cannot be read")
        case TemplateError():
            return error.message or "the template failed"
        case _:
            return f"{error}" or type(error).__name__


def _with_filters(message: str) -> str:
    """Jinja's message; where it names an unknown filter, with the nearest one there is."""
    unknown = re.match("No filter named '([^']*)'", message)
    if not unknown:
        return message
    return f"there is no filter `{unknown[1]}`.{did_you_mean(unknown[1], FILTERS)}"
