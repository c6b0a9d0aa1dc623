"""`karnay sandbox`."""

import re

import pytest

from karnay.sandbox.faults import Kind


@pytest.mark.parametrize("kind", Kind)
def test_the_help_names_every_fault(karnay, kind: Kind) -> None:
    told = karnay("sandbox", "--help").stdout
    assert kind.value in re.findall(r"[\w-]+", re.sub(r"-\s+", "-", told))
