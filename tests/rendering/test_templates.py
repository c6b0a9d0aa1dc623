"""Which template wins, and what is told of one that cannot be used."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from karnay.errors import BadConfiguration
from karnay.rendering.packaged import packaged
from karnay.rendering.templates import Templates
from rendering.builders import a_post, a_wording, an_account, rendered, save, texts

if TYPE_CHECKING:
    from pathlib import Path

    from karnay.content.post import Post
    from karnay.rendering.variant import Rendering


def visit(folder: Path, kind: str = "visit", platform: str = "telegram") -> Rendering:
    post: Post = a_post(a_wording(title="Title", body="Body"), kind=kind)
    return rendered(post=post, account=an_account(platform), templates=Templates(folder))


def problem(folder: Path) -> str:
    [only] = visit(folder).problems
    return str(only)


@pytest.mark.parametrize(
    ("there", "winner"),
    [
        (["telegram/visit", "telegram/default", "default/visit"], "telegram/visit.md.j2"),
        (["telegram/default", "default/visit"], "telegram/visit.md.j2 (packaged)"),
        ([], "telegram/visit.md.j2 (packaged)"),
    ],
)
def test_the_most_special_template_wins_and_the_users_before_the_packaged(
    tmp_path: Path, there: list[str], winner: str
) -> None:
    _ = [save(tmp_path, f"{name}.md.j2", name) for name in there]
    assert visit(tmp_path).variant.template == winner


@pytest.mark.parametrize(
    ("there", "winner"),
    [
        (["default/gala", "default/default"], "default/gala.md.j2"),
        (["default/default"], "default/default.md.j2"),
        (["minitel/default", "default/gala"], "minitel/default.md.j2"),
        ([], "default/default.md.j2 (packaged)"),
    ],
)
def test_a_platform_without_templates_uses_those_of_all(
    tmp_path: Path, there: list[str], winner: str
) -> None:
    _ = [save(tmp_path, f"{name}.md.j2", name) for name in there]
    assert visit(tmp_path, "gala", "minitel").variant.template == winner


def test_explain_lists_every_file_looked_for_and_the_winner(tmp_path: Path) -> None:
    save(tmp_path, "default/visit.md.j2", "x")
    rows = Templates(tmp_path).explain("minitel", "visit")
    assert [(row.title, row.exists, row.won) for row in rows] == [
        ("minitel/visit.md.j2", False, False),
        ("minitel/visit.md.j2 (packaged)", False, False),
        ("minitel/default.md.j2", False, False),
        ("minitel/default.md.j2 (packaged)", False, False),
        ("default/visit.md.j2", True, True),
        ("default/visit.md.j2 (packaged)", True, False),
        ("default/default.md.j2", False, False),
        ("default/default.md.j2 (packaged)", True, False),
    ]


def test_a_users_template_can_extend_the_packaged_one_of_its_own_name(tmp_path: Path) -> None:
    source = '{% extends "packaged/telegram/visit.md.j2" %}{% block tags %}Mine{% endblock %}'
    save(tmp_path, "telegram/visit.md.j2", source)
    assert texts(visit(tmp_path)) == ["Title\n\nBody\n\nMine"]


def test_a_packaged_template_is_built_upon_what_the_user_has(tmp_path: Path) -> None:
    save(tmp_path, "layouts/long.md.j2", "My layout: {% block text %}{% endblock %}")
    assert texts(visit(tmp_path)) == ["My layout: Body"]


def test_blocks_of_the_parent_are_not_escaped_again(tmp_path: Path) -> None:
    save(tmp_path, "parent.md.j2", "{% block a %}{{ title }}*{% endblock %}")
    child = '{% extends "parent.md.j2" %}{% block a %}{{ super() }} and {{ super() }}{% endblock %}'
    save(tmp_path, "telegram/visit.md.j2", child)
    assert texts(visit(tmp_path)) == ["Title* and Title*"]


def test_templates_are_included_and_imported_from_the_same_folders(tmp_path: Path) -> None:
    save(tmp_path, "part.md.j2", "{% macro m() %}*{{ 'x*' }}*{% endmacro %}included")
    source = '{% from "part.md.j2" import m %}{{ m() }} {% include "part.md.j2" %}'
    save(tmp_path, "telegram/visit.md.j2", source)
    assert texts(visit(tmp_path)) == ["x* included"]


def test_what_is_imported_is_in_the_language_of_each_post_anew(tmp_path: Path) -> None:
    save(tmp_path, "part.md.j2", "{% set day = '2024-12-03' | date('day') %}")
    save(tmp_path, "x/default.md.j2", '{% import "part.md.j2" as part %}{{ part.day }}')
    templates = Templates(tmp_path)
    post = a_post(a_wording("en", body="A"), a_wording("ru", body="Б"))
    english, russian = (
        rendered(post=post, account=an_account(language=code), templates=templates)
        for code in ("en", "ru")
    )
    assert (texts(english), texts(russian)) == (["3 December"], ["3 декабря"])


def test_an_edited_template_is_used_at_once(tmp_path: Path) -> None:
    templates = Templates(tmp_path)
    post = a_post(kind="visit")
    first = rendered(post=post, templates=templates)
    save(tmp_path, "x/visit.md.j2", "new")
    second = rendered(post=post, templates=templates)
    assert (first.variant.template, texts(second)) == ("x/visit.md.j2 (packaged)", ["new"])


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("a\n{{ data.x }}", ":2: `data.x` is not set in index.md."),
        ("a\n{% if %}", ":2: Expected an expression, got 'end of statement block'"),
        ("a\nb\n{{ title | shortn }}", ":3: there is no filter `shortn`."),
        ("{% for x in y %}", ":1: Unexpected end of template."),
        (
            '\n{% include "telegram/vist.md.j2" %}',
            ':2: there is no template "telegram/vist.md.j2".',
        ),
        ('{% extends "../secret" %}', ':1: there is no template "../secret".'),
        ('{% include "telegram/visit.md.j2" %}', ":1: the template calls itself without end"),
        ('{% extends "telegram/visit.md.j2" %}', ":1: the template calls itself without end"),
        (
            "\n{% for i in range(99999) %}{{ range(99999)|list|length }}{% endfor %}",
            ":2: the template",
        ),
    ],
)
def test_what_is_wrong_is_told_with_the_templates_file_and_line(
    tmp_path: Path, source: str, told: str
) -> None:
    save(tmp_path / "templates", "telegram/visit.md.j2", source)
    assert problem(tmp_path / "templates").startswith(f"templates/telegram/visit.md.j2{told}")


def test_what_is_wrong_in_an_included_template_is_told_there(tmp_path: Path) -> None:
    folder = tmp_path / "templates"
    save(folder, "part.md.j2", "\n\n{{ nothing }}")
    save(folder, "telegram/visit.md.j2", '{% include "part.md.j2" %}')
    assert problem(folder) == "templates/part.md.j2:3: templates know no `nothing`."


def test_a_template_that_is_not_utf8_is_told(tmp_path: Path) -> None:
    file = save(tmp_path / "templates", "telegram/visit.md.j2", "")
    file.write_bytes("Тошкент".encode("cp1251"))
    expected = "templates/telegram/visit.md.j2: the template is not UTF-8 text (byte 1)"
    assert problem(tmp_path / "templates").startswith(expected)


def test_a_byte_order_mark_is_no_text(tmp_path: Path) -> None:
    file = save(tmp_path, "telegram/visit.md.j2", "")
    file.write_bytes("\ufeffHello".encode())
    assert texts(visit(tmp_path)) == ["Hello"]


def test_a_kind_cannot_lead_out_of_the_folder(tmp_path: Path) -> None:
    save(tmp_path, "secret.md.j2", "secret")
    rendering = visit(tmp_path / "templates", kind="../../secret")
    assert rendering.variant.template == "telegram/default.md.j2 (packaged)"


def test_a_missing_folder_leaves_the_packaged_templates(tmp_path: Path) -> None:
    assert visit(tmp_path / "none").variant.template == "telegram/visit.md.j2 (packaged)"


def test_all_the_users_templates_can_be_checked_at_once(tmp_path: Path) -> None:
    folder = tmp_path / "templates"
    save(folder, "x/a.md.j2", "{% if %}")
    save(folder, "x/b.md.j2", "{{ title | nope }}")
    save(folder, "x/c.md.j2", "{{ title }}")
    assert [problem.place.file for problem in Templates(folder).problems()] == [
        "templates/x/a.md.j2",
        "templates/x/b.md.j2",
    ]


def test_the_packaged_templates_have_no_syntax_errors() -> None:
    assert Templates(packaged("templates")).problems() == []


def test_what_is_not_packaged_is_a_broken_installation() -> None:
    with pytest.raises(BadConfiguration, match="install karnay again"):
        packaged("no-such-folder")
