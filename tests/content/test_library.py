"""Finding posts by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from content.post_workspace import KNOWN
from karnay.content.library import load
from karnay.errors import NotFound

if TYPE_CHECKING:
    from content.post_workspace import Workspace


@pytest.fixture
def stocked(workspace: Workspace) -> Workspace:
    workspace.post("title: x", name="open-day/index.md")
    workspace.post("title: x", name="open-day/index.ru.md")
    workspace.post("title: x", name="notice.md")
    workspace.file("README.md", "about")
    workspace.file("_draft.md", "later")
    workspace.file(".git/index.md", "no post")
    workspace.file("pictures/a.jpg", b"jpeg")
    return workspace


def test_slugs_are_the_names_of_all_posts_in_order(stocked: Workspace) -> None:
    assert stocked.library.slugs() == ("notice", "open-day")


def test_a_workspace_without_posts_has_no_slugs(workspace: Workspace) -> None:
    (workspace.root / "posts").rmdir()
    assert workspace.library.slugs() == ()


@pytest.mark.parametrize(
    "name",
    [
        "open-day",
        "posts/open-day",
        "posts/open-day/",
        "./posts/open-day",
        "posts/open-day/index.md",
        "posts/open-day/index.ru.md",
        "open-day/index.md",
    ],
)
def test_a_folder_is_found_by_any_of_its_names(stocked: Workspace, name: str) -> None:
    assert stocked.library.find(name) == stocked.root / "posts" / "open-day"


@pytest.mark.parametrize("name", ["notice", "notice.md", "posts/notice", "posts/notice.md"])
def test_a_single_file_is_found_by_any_of_its_names(stocked: Workspace, name: str) -> None:
    assert stocked.library.find(name) == stocked.root / "posts" / "notice.md"


def test_an_absolute_path_finds_its_post(stocked: Workspace) -> None:
    path = stocked.root / "posts" / "open-day"
    assert stocked.library.find(path / "index.md") == path


def test_an_unknown_name_is_answered_with_the_nearest(stocked: Workspace) -> None:
    with pytest.raises(
        NotFound, match=r'^there is no post "open-dya"\. Did you mean "open-day"\?$'
    ):
        stocked.library.find("open-dya")


@pytest.mark.parametrize("name", ["fair", "posts/fair", "fair.md"])
def test_a_post_is_found_without_its_date(stocked: Workspace, name: str) -> None:
    post = stocked.post("title: x", name="2026-11-24-fair/index.md")
    assert stocked.library.find(name) == post.parent


def test_a_name_that_several_dates_share_is_answered_with_all_of_them(stocked: Workspace) -> None:
    stocked.post("title: x", name="2026-11-24-fair/index.md")
    stocked.post("title: x", name="2026-12-24-fair.md")
    with pytest.raises(NotFound) as caught:
        stocked.library.find("fair")
    assert str(caught.value) == (
        '"fair" may be any of 2026-11-24-fair, 2026-12-24-fair: write one of them'
    )


def test_a_post_of_that_very_name_comes_before_dated_ones(stocked: Workspace) -> None:
    stocked.post("title: x", name="2026-11-24-open-day/index.md")
    assert stocked.library.find("open-day") == stocked.root / "posts" / "open-day"


def test_a_mistyped_name_without_its_date_is_answered_with_the_nearest(
    stocked: Workspace,
) -> None:
    stocked.post("title: x", name="2026-11-24-graduation/index.md")
    with pytest.raises(NotFound, match=r'Did you mean "graduation"\?$'):
        stocked.library.find("gradution")


@pytest.mark.parametrize(
    "name", ["", ".", "..", "/", "/etc/passwd", "../posts", "pictures", "\0", "a" * 5000]
)
def test_what_is_no_post_of_the_library_is_not_found(stocked: Workspace, name: str) -> None:
    with pytest.raises(NotFound):
        stocked.library.find(name)


def test_messages_name_files_from_the_workspace_when_run_from_elsewhere(
    stocked: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("/usr")
    post = load(stocked.root / "posts/open-day", KNOWN, stocked.root)
    assert post.place("title").file == "posts/open-day/index.md"


def test_messages_name_files_from_the_working_directory(
    stocked: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(stocked.root / "posts")
    assert stocked.load("open-day").place("title").file == "open-day/index.md"
