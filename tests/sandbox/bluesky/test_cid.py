"""CIDs: the same record, the same CID, as everywhere on the AT network."""

from __future__ import annotations

from typing import Any

import libipld
import pytest
from hypothesis import given
from hypothesis import strategies as st

from karnay.sandbox.bluesky.cid import cid_of_blob, cid_of_record

INTEGERS = st.integers(-(2**63), 2**63 - 1)
KEYS = st.text("ab\u00e9\u044f\U0001f600", min_size=1, max_size=30)
LEAVES = st.none() | st.booleans() | INTEGERS | st.text(max_size=300)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=30) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=10,
)


def test_the_empty_record_has_its_well_known_cid() -> None:
    known = "bafyreigbtj4x7ip5legnfznufuopl4sg4knzc2cof6duas4b3q2fy6swua"
    assert cid_of_record({}) == known


@given(st.dictionaries(KEYS, VALUES, max_size=5))
def test_records_are_encoded_as_the_reference_library_does(record: dict[str, Any]) -> None:
    block = libipld.encode_dag_cbor(record)
    assert cid_of_record(record)[8:] == cid_of_blob(block)[8:]


def test_a_link_is_no_mere_text() -> None:
    blob = cid_of_blob(b"picture")
    assert cid_of_record({"a": {"$link": blob}}) != cid_of_record({"a": blob})


def test_no_record_holds_a_fraction() -> None:
    with pytest.raises(TypeError):
        cid_of_record({"a": 1.5})
