"""Signatures, against the examples of AWS's own documents.

https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html#example-signature-calculations
"""

from datetime import datetime, timedelta, timezone

import pytest

from karnay.platforms.sigv4 import NOTHING_HASHED, Signer, stamp

KEY_ID = "AKIAIOSFODNN7EXAMPLE"
SIGNER = Signer(KEY_ID, "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "us-east-1")
DATE = "20130524T000000Z"
BUCKET = "https://examplebucket.s3.amazonaws.com"
WELCOME = "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"


def authorization(method: str, path: str, *, hashed: str = NOTHING_HASHED, **headers: str) -> str:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    covered = {"x-amz-date": DATE, "x-amz-content-sha256": hashed, **named}
    return SIGNER.authorization(method, BUCKET + path, covered)


@pytest.mark.parametrize(
    ("signed", "signature"),
    [
        (
            authorization("GET", "/test.txt", range="bytes=0-9"),
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
        ),
        (
            authorization(
                "PUT",
                "/test%24file.text",
                hashed=WELCOME,
                date="Fri, 24 May 2013 00:00:00 GMT",
                x_amz_storage_class="REDUCED_REDUNDANCY",
            ),
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
        ),
        (
            authorization("GET", "/?lifecycle"),
            "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
        ),
        (
            authorization("GET", "/?max-keys=2&prefix=J"),
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
        ),
    ],
    ids=["get", "put", "lifecycle", "list"],
)
def test_a_signature_is_that_of_awss_documents(signed: str, signature: str) -> None:
    assert signed.endswith(f",Signature={signature}")


def test_what_is_signed_is_named_in_order() -> None:
    signed = authorization("GET", "/test.txt", range="bytes=0-9")
    scope = f"{KEY_ID}/20130524/us-east-1/s3/aws4_request"
    assert f"Credential={scope},SignedHeaders=host;range;x-amz-content-sha256;x-amz-date" in signed


def test_a_port_that_is_not_the_schemes_own_is_signed() -> None:
    headers = {"x-amz-date": DATE, "x-amz-content-sha256": NOTHING_HASHED}
    addresses = ["http://[::1]/b/a", "http://[::1]:80/b/a", "http://[::1]:9000/b/a"]
    usual, same, other = (SIGNER.authorization("PUT", url, headers) for url in addresses)
    assert usual == same != other


def test_the_order_of_a_query_is_not_signed() -> None:
    signed = {authorization("GET", path) for path in ("/?b=2&a=1", "/?a=1&b=2")}
    assert len(signed) == 1


def test_a_moment_is_stamped_in_utc() -> None:
    tashkent = timezone(timedelta(hours=5))
    assert stamp(datetime(2026, 1, 1, 2, 3, 4, 5, tzinfo=tashkent)) == "20251231T210304Z"


def test_a_signer_shows_no_secret() -> None:
    assert SIGNER.secret not in repr(SIGNER)
