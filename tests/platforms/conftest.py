"""What the platforms' tests share: a sandbox, and a kit whose checks explain themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from karnay.sandbox.server import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

pytest.register_assert_rewrite("karnay.testing.promises")


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A sandbox of the test's own, on a free port."""
    with Sandbox() as running:
        yield running
