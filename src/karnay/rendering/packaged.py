"""The templates and example posts that come with karnay."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from karnay.errors import BadConfiguration


def packaged(name: str) -> Path:
    """The folder `templates` or `posts` as installed, or as it lies in a checkout of the project.

    Raises BadConfiguration when neither is there: the installation is broken.
    """
    package = Path(str(files("karnay")))
    for folder in (package / "_packaged" / name, package.parents[1] / name):
        if folder.is_dir():
            return folder
    raise BadConfiguration.of(f"karnay's own {name} are missing; install karnay again")
