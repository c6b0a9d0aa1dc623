"""Which posts X takes: the schema of `POST /2/tweets` and the rules of self-serve access.

https://docs.x.com/x-api/posts/manage-tweets/introduction (OpenAPI 2.167, `CreatePostsRequest`)
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeVar

import regex
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from karnay.sandbox.http import Refusal
from karnay.sandbox.x.identity import problem
from karnay.sandbox.x.weight import HEAVIEST, never_allowed, weight

_CASHTAG = regex.compile(r"(?<![\w$])\$[A-Za-z]{1,6}(?:[._][A-Za-z]{1,2})?(?![\w$])")

Model = TypeVar("Model", bound=BaseModel)

Number = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,19}$")]


class _Exact(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Reply(_Exact):
    """`reply`: what the post answers."""

    in_reply_to_tweet_id: Number
    exclude_reply_user_ids: list[Number] | None = None
    auto_populate_reply_metadata: bool | None = None


class Media(_Exact):
    """`media`: ids of uploads."""

    media_ids: list[Number] = Field(min_length=1, max_length=4)
    tagged_user_ids: list[Number] | None = Field(default=None, max_length=10)


class NewPost(_Exact):
    """The body. What the sandbox cannot honour (polls, places, edits) is refused as unknown."""

    text: str = ""
    reply: Reply | None = None
    media: Media | None = None
    quote_tweet_id: Number | None = None
    reply_settings: Literal["following", "mentionedUsers", "subscribers", "verified"] | None = None
    made_with_ai: bool | None = None
    paid_partnership: bool | None = None
    nullcast: bool | None = None
    share_with_followers: bool | None = None


class NewUpload(_Exact):
    """The body of `POST /2/media/upload/initialize`."""

    media_type: Literal["video/mp4", "video/webm", "video/mp2t", "video/quicktime", "image/gif"]
    total_bytes: int = Field(gt=0, le=17_179_869_184)
    media_category: Literal["tweet_gif", "tweet_video"]


class AltText(_Exact):
    """`alt_text`: what a file shows."""

    text: str = Field(max_length=1000)


class Metadata(_Exact):
    """`metadata`, as far as the sandbox honours it."""

    alt_text: AltText


class Described(_Exact):
    """The body of `POST /2/media/metadata`."""

    id: Number
    metadata: Metadata


def read(model: type[Model], body: bytes) -> Model:
    """The body, checked against the schema. Raises the documented 400."""
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise invalid(*map(_wording, error.errors())) from None


def _wording(found: Any) -> str:
    path = ".".join(["$", *map(str, found["loc"])])
    if found["type"] == "extra_forbidden":
        return (
            f"{path}: is not defined in the schema and the schema does not allow "
            "additional properties"
        )
    return f"{path}: {found['msg']}"


def invalid(*messages: str) -> Refusal:
    """The refusal of a request that is not as it should be, with what is wrong."""
    errors = [{"parameters": {}, "message": message} for message in messages]
    refusal = problem(
        400,
        "Invalid Request",
        "One or more parameters to your request was invalid.",
        "invalid-request",
    )
    return Refusal(400, {"errors": errors, **refusal.body}, refusal.headers)


def too_long() -> Refusal:
    """The refusal of a text over 280."""
    return invalid("Your Tweet text is too long. For more information refer to the docs.")


def not_yours() -> Refusal:
    """The refusal of self-serve replies to others and of quotes."""
    return problem(
        403,
        "Forbidden",
        "You can only reply to or quote posts where you are mentioned or are the author.",
        "not-authorized-for-resource",
    )


def duplicate() -> Refusal:
    """The refusal of a text that is already there."""
    return problem(
        403, "Forbidden", "You are not allowed to create a Tweet with duplicate content."
    )


def check(post: NewPost) -> None:
    """Raises the refusal of what no account may post."""
    if post.quote_tweet_id is not None:
        raise not_yours()
    is_blank = not post.text.strip() and post.media is None
    if is_blank or never_allowed(post.text):
        raise invalid("$.text: is missing, blank or holds an invalid character")
    if weight(post.text) > HEAVIEST:
        raise too_long()
    if len(_CASHTAG.findall(post.text)) > 1:
        raise problem(403, "Forbidden", "You are not permitted to perform this action.")
