"""AWS Signature Version 4, as every service that speaks S3 checks it; pure.

https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, parse_qsl, quote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

ALGORITHM = "AWS4-HMAC-SHA256"

NOTHING_HASHED = hashlib.sha256(b"").hexdigest()
"""The `x-amz-content-sha256` of a request without a body."""

_PORTS = {"http": 80, "https": 443}


def stamp(moment: datetime) -> str:
    """The moment as `x-amz-date` wants it."""
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signs, and for which region."""

    key_id: str
    secret: str = field(repr=False)
    region: str

    def authorization(self, method: str, url: str, headers: Mapping[str, str]) -> str:
        """The header `Authorization` of a request.

        `headers` are those that the signature covers, `x-amz-date` and `x-amz-content-sha256` among
        them; `host` follows from the URL, whose path is percent-encoded already.
        """
        covered = _covered(url, headers)
        moment = covered["x-amz-date"]
        scope = f"{moment[:8]}/{self.region}/s3/aws4_request"
        asked = hashlib.sha256(_canonical(method, urlsplit(url), covered).encode()).hexdigest()
        signature = _hmac(self._key(scope), "\n".join((ALGORITHM, moment, scope, asked))).hex()
        return (
            f"{ALGORITHM} Credential={self.key_id}/{scope},"
            f"SignedHeaders={';'.join(covered)},Signature={signature}"
        )

    def _key(self, scope: str) -> bytes:
        key = f"AWS4{self.secret}".encode()
        for part in scope.split("/"):
            key = _hmac(key, part)
        return key


def _covered(url: str, headers: Mapping[str, str]) -> dict[str, str]:
    """The signed headers, in their order, names in lower case."""
    named = {name.lower(): " ".join(value.split()) for name, value in headers.items()}
    return dict(sorted({**named, "host": _host(urlsplit(url))}.items()))


def _host(parts: SplitResult) -> str:
    """As HTTP clients send it: the port only where it is another than the scheme's own."""
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    return host if parts.port in (None, _PORTS.get(parts.scheme)) else f"{host}:{parts.port}"


def _canonical(method: str, parts: SplitResult, covered: Mapping[str, str]) -> str:
    lines = (f"{name}:{value}\n" for name, value in covered.items())
    return "\n".join(
        (
            method,
            parts.path or "/",
            _query(parts.query),
            "".join(lines),
            ";".join(covered),
            covered["x-amz-content-sha256"],
        )
    )


def _query(query: str) -> str:
    pairs = parse_qsl(query, keep_blank_values=True)
    return "&".join(sorted(f"{_quoted(name)}={_quoted(value)}" for name, value in pairs))


def _quoted(text: str) -> str:
    return quote(text, safe="-_.~")


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()
