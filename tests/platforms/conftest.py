"""Has the kit's checks explain themselves when they fail."""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite("karnay.testing.promises")
