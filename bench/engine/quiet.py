"""No logs: they would be measured with the rest."""

from __future__ import annotations

import logging

import structlog


def be_quiet() -> None:
    """Write no log from now on."""
    logging.disable(logging.CRITICAL)
    silent = structlog.make_filtering_bound_logger(logging.CRITICAL)
    structlog.configure(wrapper_class=silent)
