"""Putting files where a network can fetch them, and taking them away again.

A step `host-<n>` puts a file to its public address: into a directory that a web server serves, or
into a bucket. It is planned, shown and journalled as any other; where it is a copy into a
directory, no request leaves.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, BinaryIO

from karnay.errors import AccountError, NotSent, Transient
from karnay.media.cabinet import MediaGone
from karnay.media.host import Bucket, Folder, MediaHost
from karnay.platforms.answers import Answer, ErrorTable, Row, ambiguous, own_words
from karnay.platforms.base import Effect, Receipt, Step
from karnay.platforms.calls import Call, File
from karnay.platforms.sigv4 import NOTHING_HASHED, Signer, stamp
from karnay.platforms.wire import secret

if TYPE_CHECKING:
    from collections.abc import Iterable

    from karnay.accounts import Account
    from karnay.media.asset import Asset
    from karnay.platforms.base import Key
    from karnay.platforms.wire import Wire

_STEP = re.compile(r"host-\d+")
_NAME = re.compile(r"[0-9a-f]{32}(\.\w+)?")
_MESSAGE = re.compile(r"<Message>([^<]*)</Message>")


def _words(answer: Answer) -> str:
    """What an S3 service says of an error: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html"""
    said = _MESSAGE.search(answer.text)
    return f"the media host: {said[1] if said else own_words(answer)}"


ERRORS = ErrorTable(
    rows=(
        Row(403, "requesttimetooskewed", Transient),
        Row(400, "requesttimeout", Transient),
        Row(400, "", AccountError),  # another region, a bad key: of the set-up, not of the file
    ),
    words=_words,
)
"""https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList"""


def public_url(asset: Asset, account: Account, key: Key, n: int) -> str:
    """The address at which the network will find the file that `host_step` puts there.

    It is known before anything is put, so that a plan is whole. Raises ValueError without a host.
    """
    host = _host(account)
    return host.url(_name(host, asset, key, n))


def host_step(asset: Asset, account: Account, key: Key, n: int) -> Step:
    """The step that puts the n-th file of a delivery where anybody can fetch it; repeatable.

    Raises ValueError where karnay.toml names no media host.
    """
    host, name = _host(account), f"host-{n}"
    target = host.target(_name(host, asset, key, n))
    headers = _unsigned(asset.hash) if isinstance(host.place, Bucket) else {}
    return Step(name, Effect.SAFE, key.step(name), Call("PUT", target, headers, File(asset)))


def is_hosting(step: Step) -> bool:
    """Whether the step is one of `host_step`."""
    return bool(_STEP.fullmatch(step.name))


def put(step: Step, account: Account, wire: Wire) -> Receipt:
    """Perform a step of `host_step`; the receipt's `url` is the public address.

    Raises a PublishingError: AccountError where the host is not set up as it must be.
    """
    host = _host_now(account)
    name = _name_in(step)
    match host.place:
        case Folder() as folder:
            _copy(step, folder.path / name, wire)
        case Bucket() as bucket:
            _upload(step.call, bucket, wire)
    return Receipt(name, data={"url": host.url(name)})


def withdraw(steps: Iterable[Step], account: Account, wire: Wire) -> int:
    """Take away what those of the steps that are of `host_step` have put; returns how many.

    For a delivery that will not be performed (any more): published, failed or cancelled. What is
    gone already is no error. Raises a PublishingError.
    """
    hosted = [step for step in steps if is_hosting(step)]
    for step in hosted:
        _remove(step, _host_now(account), wire)
    return len(hosted)


def _host(account: Account) -> MediaHost:
    if account.media_host is None:
        raise ValueError("karnay.toml has no [media_host]")
    return account.media_host


def _host_now(account: Account) -> MediaHost:
    try:
        return _host(account)
    except ValueError as error:
        raise AccountError(f"the file cannot be given a public address: {error}") from None


def _name(host: MediaHost, asset: Asset, key: Key, n: int) -> str:
    return host.name(asset, key.step(f"host-{n}"))


def _name_in(step: Step) -> str:
    """The file's name, out of the address as it was planned; it never leads anywhere else."""
    name = step.call.url.rpartition("/")[2]
    if not _NAME.fullmatch(name):
        raise NotSent(f"{step.call.url} is no address of a hosted file")
    return name


def _copy(step: Step, target: Path, wire: Wire) -> None:
    try:
        with wire.files.open(step.call.body.asset.hash) as source:
            _write(source, target)
    except MediaGone as error:
        raise NotSent(str(error)) from None
    except OSError as error:
        raise AccountError(_unwritable(target, error)) from None


def _write(source: BinaryIO, target: Path) -> None:
    """There whole or not at all, and for a web server to read."""
    target.parent.mkdir(exist_ok=True)
    with NamedTemporaryFile(dir=target.parent, prefix=".new-", delete=False) as kept:
        try:
            shutil.copyfileobj(source, kept)
            kept.flush()
            Path(kept.name).chmod(0o644)
            Path(kept.name).replace(target)
        finally:
            Path(kept.name).unlink(missing_ok=True)


def _unwritable(target: Path, error: OSError) -> str:
    reason = error.strerror or type(error).__name__
    return f"the media host's folder {target.parent} cannot be written: {reason}"


def _upload(call: Call, bucket: Bucket, wire: Wire) -> None:
    answer = _asked(call, bucket, wire)
    if not answer.ok:
        raise ERRORS.error(answer, Effect.SAFE, wire.clock.now())
    # https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html#API_PutObject_ResponseSyntax
    if answer.content or not answer.headers.get("etag"):
        raise ambiguous(Effect.SAFE, f"{answer.status} from the media host, and no ETag")


def _remove(step: Step, host: MediaHost, wire: Wire) -> None:
    match host.place:
        case Folder() as folder:
            _unlink(folder.path / _name_in(step))
        case Bucket() as bucket:
            headers = _unsigned(NOTHING_HASHED)
            answer = _asked(Call("DELETE", step.call.url, headers), bucket, wire)
            if not answer.ok and answer.status != 404:
                raise ERRORS.error(answer, Effect.SAFE, wire.clock.now())


def _unlink(file: Path) -> None:
    try:
        file.unlink(missing_ok=True)
    except OSError as error:
        raise AccountError(_unwritable(file, error)) from None


def _unsigned(hashed: str) -> dict[str, str]:
    """What a signed request bears; a plan says that there is a signature, not yet which."""
    return {
        "x-amz-content-sha256": hashed,
        "x-amz-date": "{date}",
        "Authorization": "{signature}",
    }


def _asked(call: Call, bucket: Bucket, wire: Wire) -> Answer:
    signer = Signer(secret(bucket.key_id), secret(bucket.secret), bucket.region)
    date = stamp(wire.clock.now())
    covered = {
        "x-amz-content-sha256": call.headers["x-amz-content-sha256"],
        "x-amz-date": date,
    }
    signature = signer.authorization(call.method, call.url, covered)
    return wire.send(call, effect=Effect.SAFE, secrets={"date": date, "signature": signature})
