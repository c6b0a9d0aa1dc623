"""Every request that leaves for X or Mastodon is one that their OpenAPI description allows."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from karnay.rendering.variant import Part, Variant
from karnay.testing.clock import START
from karnay.testing.lab import everything

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from karnay.testing.lab import Lab
    from karnay.testing.network import Sent
    from karnay.text.richtext import RichText

CONTRACTS = {
    "x": "contracts/x-api-v2-openapi.json",
    "mastodon": "contracts/mastodon-openapi.json",
}
OPTIONS: list[tuple[str, dict[str, Any]]] = [
    *(("x", {"reply_settings": who}) for who in ("following", "mentionedUsers", "subscribers")),
    *(("mastodon", {"visibility": who}) for who in ("public", "unlisted", "private")),
    ("mastodon", {"spoiler": "О̆гоҳлантириш: ⚠️"}),
]

Judge = Any
"""`validate_request` raises where a request is not as the description says."""


@pytest.fixture(scope="session")
def judges(shared: Callable[[str], Path]) -> Mapping[str, Judge]:
    """A judge for each platform that publishes a description."""
    core = pytest.importorskip("openapi_core", reason="judge missing: openapi-core")
    lenient = core.Config(spec_validator_cls=None)  # the descriptions have flaws of their own
    return {
        name: core.OpenAPI.from_dict(without_security(shared(file)), config=lenient)
        for name, file in CONTRACTS.items()
    }


def without_security(file: Path) -> dict[str, Any]:
    """The description, asking for no log-in: requests here are signed for nobody.

    A status with files is also a status with a text, so that "one of" can only mean "any of".
    """
    hook = lambda table: {  # noqa: E731
        _ANY.get(name, name): table[name] for name in table if name != "security"
    }
    return json.loads(file.read_text(encoding="utf-8"), object_hook=hook)  # type: ignore[no-any-return]


_ANY = {"oneOf": "anyOf"}


def as_told(request: Sent) -> Any:
    """The request in the form that openapi-core reads."""
    testing = pytest.importorskip("openapi_core.testing", reason="judge missing: openapi-core")
    url = urlsplit(request.url)
    return testing.MockRequest(
        f"{url.scheme}://{url.netloc}",
        request.method,
        url.path,
        args=dict(parse_qsl(url.query)),
        headers=dict(request.headers),
        data=request.content,
        content_type=request.headers.get("content-type", ""),
    )


def is_upload(request: Sent) -> bool:
    """Whether it carries a file, which the judge takes for no string, nor for anything else."""
    return request.headers.get("content-type", "").startswith("multipart/")


def judged(judge: Judge, lab: Lab) -> list[str]:
    """What was sent, each request found to be allowed; uploads aside."""
    sent = [request for request in lab.sent() if not is_upload(request)]
    for request in sent:
        judge.validate_request(as_told(request))
    return [f"{request.method} {urlsplit(request.url).path}" for request in sent]


def publish(lab: Lab, *parts: Part, **options: Any) -> None:
    variant = Variant("sample", lab.platform.name, "en", "", parts, options)
    lab.publish(lab.plan(variant))


@pytest.mark.parametrize("name", CONTRACTS)
def test_every_text_may_be_sent(
    judges: Mapping[str, Judge],
    name: str,
    lab_of: Callable[[str], Lab],
    rich: RichText,
    worded: Callable[..., tuple[Part, ...]],
) -> None:
    lab = lab_of(name)
    parts = worded(rich, lab.platform.limits(lab.account))
    publish(lab, *parts)
    assert len(judged(judges[name], lab)) == len(parts)


@pytest.mark.parametrize(("name", "options"), OPTIONS)
def test_every_option_may_be_sent(
    judges: Mapping[str, Judge], name: str, options: dict[str, Any], lab_of: Callable[[str], Lab]
) -> None:
    lab = lab_of(name)
    publish(lab, *lab.thread().parts, **options)
    assert len(judged(judges[name], lab)) >= len(lab.thread().parts)


@pytest.mark.parametrize("name", CONTRACTS)
def test_every_question_may_be_asked(
    judges: Mapping[str, Judge], name: str, lab_of: Callable[[str], Lab]
) -> None:
    lab = lab_of(name)
    lab.platform.find(lab.ready("create-2"), lab.account, lab.wire, START)
    lab.platform.identify(lab.account, lab.wire)
    assert len(judged(judges[name], lab)) >= 2


@pytest.mark.parametrize("name", CONTRACTS)
def test_the_judge_is_awake(
    judges: Mapping[str, Judge], name: str, lab_of: Callable[[str], Lab]
) -> None:
    core = pytest.importorskip("openapi_core", reason="judge missing: openapi-core")
    lab = lab_of(name)
    lab.publish(lab.plan(lab.variant(everything())))
    wrong = replace(lab.sent()[0], content=b'{"text": 1, "status": 1, "surely_unknown": {}}')
    with pytest.raises(core.exceptions.OpenAPIError):
        judges[name].validate_request(as_told(wrong))
