"""Every platform keeps every promise; a new module of `karnay.platforms` is found by itself."""

from __future__ import annotations

from karnay.platforms import registry
from karnay.testing.kit import PlatformKit


class TestEveryPlatform(PlatformKit):
    """The kit over all that the registry knows, entry points included."""

    platforms = registry.platforms()
