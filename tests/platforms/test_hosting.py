"""Files at a public address: in a folder that a web server serves, or in a bucket."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from hosted import ASSET, NOBODY, OTHER, SHELF
from karnay.accounts import Account
from karnay.errors import AccountError, NotSent, PublishingError, Transient
from karnay.media.asset import Asset
from karnay.media.host import Folder, MediaHost
from karnay.platforms.base import Receipt, Step, step_from_json
from karnay.platforms.hosting import host_step, is_hosting, public_url, put, withdraw
from karnay.platforms.wire import Wire
from karnay.testing.clock import FixedClock
from karnay.testing.lab import KEY, OTHER_KEY
from karnay.testing.media_host import HOST, HOST_SECRETS


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in HOST_SECRETS.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def account(tmp_path: Path) -> Account:
    folder = Folder(path=tmp_path / "public", url="https://news.example.uz/media/")
    return replace(NOBODY, media_host=MediaHost(folder, b"never to be seen"))


@pytest.fixture
def wire() -> Iterator[Wire]:
    wire = Wire(FixedClock(), transport=httpx.MockTransport(_no_request), files=SHELF)
    yield wire
    wire.close()


def _no_request(request: httpx.Request) -> httpx.Response:
    raise AssertionError(f"a copy needs no request: {request.url}")


def answering(answer: httpx.Response | Exception) -> Wire:
    def react(_request: httpx.Request) -> httpx.Response:
        if isinstance(answer, Exception):
            raise answer
        return answer

    return Wire(FixedClock(), transport=httpx.MockTransport(react), files=SHELF)


def in_a_bucket(asset: Asset = ASSET) -> tuple[Step, Account]:
    account = replace(NOBODY, media_host=HOST)
    return host_step(asset, account, KEY, 1), account


def file_of(step: Step, account: Account) -> Path:
    host = account.media_host
    assert host
    assert isinstance(host.place, Folder)
    return host.place.path / step.call.url.rpartition("/")[2]


def test_a_file_lies_at_the_address_that_the_plan_names(account: Account, wire: Wire) -> None:
    step = host_step(ASSET, account, KEY, 1)
    receipt = put(step, account, wire)
    assert receipt.get("url") == step.call.url == public_url(ASSET, account, KEY, 1)
    assert file_of(step, account).read_bytes() == SHELF.contents[ASSET.hash]


def test_a_web_server_may_read_what_is_put_there(account: Account, wire: Wire) -> None:
    step = host_step(ASSET, account, KEY, 1)
    put(step, account, wire)
    assert file_of(step, account).stat().st_mode & 0o777 == 0o644


def test_nothing_but_the_file_is_left_in_the_folder(account: Account, wire: Wire) -> None:
    step = host_step(ASSET, account, KEY, 1)
    put(step, account, wire)
    put(step, account, wire)
    assert list(file_of(step, account).parent.iterdir()) == [file_of(step, account)]


def test_a_name_is_the_same_at_every_attempt(account: Account) -> None:
    assert host_step(ASSET, account, KEY, 1) == host_step(ASSET, account, KEY, 1)


def test_no_two_files_share_a_name(account: Account) -> None:
    keys, numbers, assets = (KEY, OTHER_KEY), (1, 2), (ASSET, OTHER)
    addresses = [
        public_url(asset, account, key, number)
        for key in keys
        for number in numbers
        for asset in assets
    ]
    assert len(set(addresses)) == len(addresses) == 8


def test_a_name_cannot_be_guessed_without_the_workspaces_key(account: Account) -> None:
    assert account.media_host
    other = replace(account, media_host=replace(account.media_host, key=b"another"))
    assert public_url(ASSET, account, KEY, 1) != public_url(ASSET, other, KEY, 1)


def test_a_name_ends_as_its_type_is_served(account: Account) -> None:
    film = replace(ASSET, mime="video/quicktime")
    names = [public_url(asset, account, KEY, 1).rpartition(".")[2] for asset in (ASSET, film)]
    assert names == ["jpg", "mov"]


def test_a_host_shows_no_key(account: Account) -> None:
    assert "seen" not in repr(account.media_host)
    assert HOST_SECRETS["MEDIA_HOST_SECRET"] not in repr(HOST)


def test_what_was_put_is_taken_away(account: Account, wire: Wire) -> None:
    steps = [host_step(asset, account, KEY, n) for n, asset in enumerate((ASSET, OTHER), start=1)]
    for step in steps:
        put(step, account, wire)
    assert withdraw(steps, account, wire) == 2
    assert not [step for step in steps if file_of(step, account).exists()]


def test_what_is_gone_is_taken_away_without_an_error(account: Account, wire: Wire) -> None:
    assert withdraw([host_step(ASSET, account, KEY, 1)], account, wire) == 1


def test_only_hosted_files_are_taken_away(account: Account, wire: Wire) -> None:
    create = replace(host_step(ASSET, account, KEY, 1), name="create-1")
    assert not is_hosting(create)
    assert withdraw([create], account, wire) == 0


def test_a_stored_step_is_performed_as_if_it_were_new(account: Account, wire: Wire) -> None:
    step = step_from_json(host_step(ASSET, account, KEY, 1).as_json())
    put(step, account, wire)
    assert file_of(step, account).exists()


def test_no_step_leads_out_of_the_folder(account: Account, wire: Wire) -> None:
    step = host_step(ASSET, account, KEY, 1)
    astray = replace(step, call=replace(step.call, url="https://news.example.uz/media/.."))
    with pytest.raises(NotSent, match="no address of a hosted file"):
        put(astray, account, wire)


def test_a_folder_that_cannot_be_written_holds_the_account(
    account: Account, wire: Wire, tmp_path: Path
) -> None:
    (tmp_path / "public").write_text("a file is in the way")
    with pytest.raises(AccountError, match=r"public cannot be written: File exists"):
        put(host_step(ASSET, account, KEY, 1), account, wire)


def test_a_file_that_the_cabinet_lost_is_not_sent(account: Account) -> None:
    lost = Wire(FixedClock(), transport=httpx.MockTransport(_no_request))
    with pytest.raises(NotSent):
        put(host_step(ASSET, account, KEY, 1), account, lost)


def test_a_host_that_was_taken_out_of_karnay_toml_holds_the_account(
    account: Account, wire: Wire
) -> None:
    step = host_step(ASSET, account, KEY, 1)
    with pytest.raises(AccountError, match=r"\[media_host\]"):
        put(step, NOBODY, wire)


def test_without_a_host_nothing_is_planned() -> None:
    with pytest.raises(ValueError, match=r"\[media_host\]"):
        host_step(ASSET, NOBODY, KEY, 1)


def test_a_bucket_is_asked_with_the_hash_that_the_file_has_anyway() -> None:
    step, _ = in_a_bucket()
    assert step.call.headers["x-amz-content-sha256"] == ASSET.hash


def test_a_receipt_names_the_public_address_and_not_the_buckets() -> None:
    step, account = in_a_bucket()
    taken = httpx.Response(200, headers={"ETag": '"1"'})
    address = public_url(ASSET, account, KEY, 1)
    receipt = put(step, account, answering(taken))
    assert receipt == Receipt(address.rpartition("/")[2], data={"url": address})
    assert address.startswith("https://media.example.org/")


def _no(status: int, code: str) -> httpx.Response:
    text = f"<Error><Code>{code}</Code><Message>Said by S3.</Message></Error>"
    return httpx.Response(status, text=text)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (_no(403, "SignatureDoesNotMatch"), AccountError),
        (_no(403, "AccessDenied"), AccountError),
        (_no(404, "NoSuchBucket"), AccountError),
        (_no(400, "AuthorizationHeaderMalformed"), AccountError),
        (_no(403, "RequestTimeTooSkewed"), Transient),
        (_no(400, "RequestTimeout"), Transient),
        (_no(503, "SlowDown"), Transient),
        (httpx.Response(200, text="<html>welcome</html>"), Transient),
        (httpx.Response(200), Transient),
        (httpx.ReadTimeout("late"), Transient),
        (httpx.ConnectError("refused"), NotSent),
    ],
    ids=str,
)
def test_a_bucket_that_does_not_take_the_file_is_a_named_error(
    answer: httpx.Response | Exception, error: type[PublishingError]
) -> None:
    step, account = in_a_bucket()
    with pytest.raises(error) as raised:
        put(step, account, answering(answer))
    assert type(raised.value) is error


def test_a_bucket_speaks_in_its_own_words() -> None:
    step, account = in_a_bucket()
    with pytest.raises(AccountError, match=r"the media host: Said by S3\."):
        put(step, account, answering(_no(403, "AccessDenied")))


@pytest.mark.parametrize("status", [204, 200, 404])
def test_what_a_bucket_no_longer_holds_is_gone(status: int) -> None:
    step, account = in_a_bucket()
    assert withdraw([step], account, answering(httpx.Response(status))) == 1


def test_what_a_bucket_keeps_is_not_called_gone() -> None:
    step, account = in_a_bucket()
    with pytest.raises(AccountError):
        withdraw([step], account, answering(_no(403, "AccessDenied")))
