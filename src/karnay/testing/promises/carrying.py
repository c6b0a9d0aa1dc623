"""What carrying promises: a post's files go along, whole, in their order, and described."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from karnay.platforms.base import Effect
from karnay.platforms.calls import files_in
from karnay.testing.lab import waited_for
from karnay.testing.network import strings
from karnay.text.richtext import RichText

if TYPE_CHECKING:
    from collections.abc import Sequence

    from karnay.media.asset import Asset
    from karnay.platforms.base import Step
    from karnay.platforms.calls import File
    from karnay.testing.lab import Lab

kinds = pytest.mark.parametrize("kind", ["pictures", "film", "document"])


class Carrying:
    """A post without its picture is half a post; one that is not described is none to some."""

    @kinds
    def test_every_file_goes_along_in_its_order(self, lab: Lab, kind: str) -> None:
        """None forgotten, none twice."""
        assets = lab.assets(kind)
        names = [file.asset.hash for file in _files(_plan(lab, assets))]
        assert list(dict.fromkeys(names)) == [asset.hash for asset in assets]

    @kinds
    def test_every_byte_of_a_file_goes_along_once(self, lab: Lab, kind: str) -> None:
        """Pieces follow each other without a gap."""
        ends: dict[str, int] = {}
        for file in _files(_plan(lab, lab.assets(kind))):
            assert file.start == ends.get(file.asset.hash, 0)
            ends[file.asset.hash] = file.start + file.size
        assert ends == {asset.hash: asset.size for asset in lab.assets(kind)}

    @kinds
    def test_what_a_file_shows_is_told(self, lab: Lab, kind: str) -> None:
        """Alt text, in every network that has a field for it, as it was written."""
        told = set(strings([step.call.fields for step in _plan(lab, lab.assets(kind))]))
        assert {asset.alt for asset in lab.assets(kind) if lab.describes(asset)} <= told

    @kinds
    def test_files_are_carried_before_anything_is_public(self, lab: Lab, kind: str) -> None:
        """An upload that fails leaves nothing half published, and may be repeated."""
        steps = _plan(lab, lab.assets(kind))
        first = next(number for number, step in enumerate(steps) if step.part is not None)
        assert {step.effect for step in steps[:first]} <= {Effect.SAFE}
        assert not _files(steps[first + 1 :])

    @kinds
    def test_every_upload_is_used(self, lab: Lab, kind: str) -> None:
        """A file that no later step asks for was carried for nothing."""
        steps = _plan(lab, lab.assets(kind))
        asked = set().union(*map(waited_for, steps))
        begun = {step.name for step in steps if waited_for(step)}  # a piece of something begun
        hidden = {step.name for step in steps if step.part is None and files_in(step.call.body)}
        assert hidden <= asked | begun | {name for name in hidden if name.startswith("host")}

    @kinds
    def test_a_post_with_files_is_published_as_planned(self, lab: Lab, kind: str) -> None:
        """Each step is one request: the planned one, to the byte."""
        steps = _plan(lab, lab.assets(kind))
        lab.publish(steps)
        lab.sent()
        performed, sent = lab.publish(steps), lab.sent()
        assert all(
            request.is_of(step.call, lab.shelf)
            for request, step in zip(sent, performed, strict=True)
        )


def _plan(lab: Lab, assets: Sequence[Asset]) -> list[Step]:
    return lab.plan(lab.variant(RichText("A memorandum was signed."), media=assets))


def _files(steps: Sequence[Step]) -> list[File]:
    return [file for step in steps for file in files_in(step.call.body)]
