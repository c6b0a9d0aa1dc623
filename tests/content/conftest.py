"""The workspace in which the tests of posts write."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from content.post_workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """An empty workspace, which is also the working directory."""
    (tmp_path / "posts").mkdir()
    monkeypatch.chdir(tmp_path)
    return Workspace(tmp_path)
