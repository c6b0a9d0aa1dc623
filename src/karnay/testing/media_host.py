"""The bench's public address for files: a bucket that takes whatever it is given."""

from __future__ import annotations

from karnay.media.host import Bucket, MediaHost
from karnay.platforms.base import Exchange
from karnay.secrets import SecretRef

HOST_SECRETS = {
    "MEDIA_HOST_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "MEDIA_HOST_SECRET": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
}

HOST = MediaHost(
    Bucket(
        endpoint="https://s3.example.org",
        bucket="karnay",
        url="https://media.example.org",
        key_id=SecretRef("env:MEDIA_HOST_KEY_ID"),
        secret=SecretRef("env:MEDIA_HOST_SECRET"),
    ),
    b"what nobody can guess",
)

TAKEN = tuple(
    Exchange("PUT", ending, 200, None, {"ETag": '"0123456789abcdef"'})
    for ending in (".jpg", ".png", ".gif", ".mp4")
)
"""Nothing in the body: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html"""
