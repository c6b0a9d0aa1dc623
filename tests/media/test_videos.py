"""Videos: checked in words, sent as they are."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from karnay.media.asset import Asset, Kind, Unfit
from karnay.media.cabinet import Cabinet
from karnay.media.darkroom import Darkroom
from karnay.media.limits import MediaLimits, VideoLimits
from karnay.media.videos import UNCHECKED, Film, ready
from media_files import film

ROOMY = VideoLimits(("video/mp4", "video/quicktime"), max_bytes=1_000_000)
FILM = Film(
    "video/mp4", 500_000, seconds=30, width=1280, height=720, fps=30, codec="h264", audio="aac",
    checked=True,
)  # fmt: skip
ASSET = Asset(Kind.VIDEO, "film.mp4", "0" * 64, "video/mp4", 500_000)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of a real video."""
    return film(tmp_path_factory.mktemp("films") / "clip.mp4", seconds=2)


def test_a_video_is_sent_as_it_is(darkroom: Darkroom, clip: Path, cabinet: Cabinet) -> None:
    made = darkroom.ready(clip, MediaLimits(most=1, videos=ROOMY), alt="The choir")
    assert made.asset is not None
    assert cabinet.path(made.asset.hash).read_bytes() == clip.read_bytes()
    assert (made.asset.kind, made.asset.width, made.asset.height, made.asset.alt) == (
        Kind.VIDEO,
        64,
        48,
        "The choir",
    )
    assert made.asset.seconds == pytest.approx(2, abs=0.2)


def test_a_real_video_is_probed(darkroom: Darkroom, clip: Path) -> None:
    strict = replace(ROOMY, max_seconds=1, codecs=("h264",), max_fps=5)
    made = darkroom.ready(clip, MediaLimits(most=1, videos=strict))
    assert made.problems == (
        "it lasts 2.0 s; this network takes 1 at most: cut it",
        "it has 10 pictures a second; this network takes 5 at most: export it with fewer",
        "it is mpeg4; this network takes h264: export it so",
    )


@pytest.mark.parametrize(
    ("limit", "says"),
    [
        ({"formats": ("video/webm",)}, "it is video/mp4; this network takes video/webm"),
        ({"max_bytes": 400_000}, "it has 500 kB; this network takes 400 kB at most"),
        ({"min_bytes": 600_000}, "it has 500 kB; this network wants 600 kB at least"),
        ({"max_seconds": 29}, "it lasts 30.0 s; this network takes 29 at most: cut it"),
        ({"min_seconds": 31}, "it lasts 30.0 s; this network wants 31 at least"),
        ({"max_width": 1279}, "1280 x 720 pixels; this network takes a width of 1279 at most"),
        ({"max_height": 719}, "1280 x 720 pixels; this network takes a height of 719 at most"),
        ({"min_side": 721}, "1280 x 720 pixels; this network wants 721 each way at least"),
        ({"min_ratio": 2}, "1280 x 720 pixels; this network wants 2 times the height at least"),
        ({"max_ratio": 1}, "1280 x 720 pixels; this network takes 1 times the height at most"),
        ({"max_fps": 29.9}, "it has 30 pictures a second; this network takes 29.9 at most"),
        ({"codecs": ("hevc",)}, "it is h264; this network takes hevc"),
        ({"audio_codecs": ("mp3",)}, "its sound is aac; this network takes mp3"),
    ],
)
def test_each_limit_has_its_words(limit: dict[str, Any], says: str) -> None:
    with pytest.raises(Unfit) as refused:
        ready(FILM, replace(ROOMY, **limit), ASSET)
    assert [says in problem for problem in refused.value.problems] == [True]


def test_a_silent_video_has_no_wrong_sound() -> None:
    _, notes = ready(replace(FILM, audio=""), replace(ROOMY, audio_codecs=("aac",)), ASSET)
    assert notes == ()


def test_what_cannot_be_checked_is_said(
    darkroom: Darkroom, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    strict = MediaLimits(most=1, videos=replace(ROOMY, max_seconds=1, codecs=("h264",)))
    made = darkroom.ready(clip, strict)
    assert (made.done, made.problems) == ((UNCHECKED,), ())


def test_what_was_not_checked_is_once_it_can_be(
    darkroom: Darkroom, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    strict = MediaLimits(most=1, videos=replace(ROOMY, codecs=("h264",)))
    with monkeypatch.context() as without:
        without.setitem(sys.modules, "av", None)
        darkroom.ready(clip, strict)
    assert darkroom.ready(clip, strict).problems != ()


def test_a_place_that_goes_along_is_said() -> None:
    _, notes = ready(replace(FILM, located=True), ROOMY, ASSET)
    assert notes == ("it carries the place where it was filmed: videos are sent as they are",)


def test_a_damaged_video_is_a_problem(darkroom: Darkroom, clip: Path, tmp_path: Path) -> None:
    (tmp_path / "cut.mp4").write_bytes(clip.read_bytes()[:500])
    made = darkroom.ready(tmp_path / "cut.mp4", MediaLimits(most=1, videos=ROOMY))
    assert "it cannot be read as a video" in made.problems[0]


@pytest.mark.parametrize("container", ["mp4", "mov", "mkv", "avi", "webm", "ts"])
def test_a_container_is_told_by_content(container: str, darkroom: Darkroom, tmp_path: Path) -> None:
    codec = "libvpx" if container == "webm" else "mpeg4"
    misnamed = film(tmp_path / f"clip.{container}", codec=codec).rename(tmp_path / "clip.jpg")
    mime = {
        "mp4": "video/mp4",
        "mov": "video/quicktime",
        "mkv": "video/x-matroska",
        "avi": "video/x-msvideo",
        "webm": "video/webm",
        "ts": "video/mp2t",
    }[container]
    limits = MediaLimits(most=1, videos=replace(ROOMY, formats=(mime,)))
    assert darkroom.ready(misnamed, limits).problems == ()
