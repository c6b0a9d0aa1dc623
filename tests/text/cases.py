"""The networks' own test cases, which lie beside the project and are not part of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

CONFORMANCE = Path(__file__).resolve().parents[3] / "shared" / "conformance"

Case = dict[str, Any]


def cases(
    name: str,
    wanted: Callable[[Case], bool] = bool,
    exceptions: Mapping[str, str] | None = None,
) -> list[Any]:
    """The cases of a file, for `parametrize`; exceptions are to fail, for a reason."""
    path = CONFORMANCE / f"{name}.jsonl"
    if not path.exists():
        return [pytest.param({}, marks=pytest.mark.skip(reason=f"{path} is missing"))]
    lines = path.read_text(encoding="utf-8").split("\n")
    found = (json.loads(line) for line in lines if line)
    return [_param(case, exceptions or {}) for case in found if wanted(case)]


def _param(case: Case, exceptions: Mapping[str, str]) -> Any:
    reason = exceptions.get(case["id"])
    marks = [pytest.mark.xfail(reason=reason)] if reason else []
    return pytest.param(case, id=case["id"], marks=marks)


def in_groups(*names: str) -> Callable[[Case], bool]:
    """Whether a case is of one of these groups."""
    return lambda case: case["group"] in names


def oracle() -> list[Case]:
    """Texts with the answers of four networks."""
    path = CONFORMANCE / "oracle.jsonl"
    if not path.exists():
        pytest.skip(f"{path} is missing")
    lines = path.read_text(encoding="utf-8").split("\n")
    return [json.loads(line) for line in lines if line]
