"""A small workspace in which posts are written, loaded, and found wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import pytest
from pydantic import BaseModel, ConfigDict

from karnay.content.library import Known, Library
from karnay.errors import InvalidPost

if TYPE_CHECKING:
    from pathlib import Path

    from karnay.content.post import Post


class Options(BaseModel):
    """The options of a platform like any other."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    silent: bool = False
    link_preview: Literal["large", "small"] | None = None
    topic: int | None = None


KNOWN = Known(
    accounts=frozenset({"telegram-uz", "mastodon"}),
    groups=frozenset({"international"}),
    platforms={"telegram": Options, "x": Options},
    languages=("uz", "ru", "en"),
)


@dataclass(frozen=True)
class Workspace:
    """A folder with `posts/`; `post` writes the file of a post called `a`."""

    root: Path

    @property
    def library(self) -> Library:
        return Library(self.root / "posts", KNOWN)

    def file(self, name: str, content: str | bytes) -> Path:
        path = self.root / "posts" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def post(self, header: str, body: str = "Salom.", name: str = "a/index.md") -> Path:
        return self.file(name, f"---\n{header}\n---\n{body}\n")

    def load(self, name: str = "a") -> Post:
        return self.library.load(name)

    def problems(self, name: str = "a") -> list[str]:
        """What is wrong with a post that cannot be loaded."""
        with pytest.raises(InvalidPost) as caught:
            self.load(name)
        return [str(problem) for problem in caught.value.problems]
