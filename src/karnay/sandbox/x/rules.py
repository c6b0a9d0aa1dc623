"""Which posts X takes: the schema of `POST /2/tweets` and the rules of self-serve access.

https://docs.x.com/x-api/posts/manage-tweets/introduction (OpenAPI 2.167, `CreatePostsRequest`)
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import regex
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from karnay.sandbox.http import Refusal
from karnay.sandbox.x.identity import problem
from karnay.sandbox.x.weight import HEAVIEST, never_allowed, weight

_CASHTAG = regex.compile(r"(?<![\w$])\$[A-Za-z]{1,6}(?:[._][A-Za-z]{1,2})?(?![\w$])")

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


def read(body: bytes) -> NewPost:
    """The body, checked against the schema. Raises the documented 400."""
    try:
        return NewPost.model_validate_json(body)
    except ValidationError as error:
        raise _invalid([_wording(found) for found in error.errors()]) from None


def _wording(found: Any) -> dict[str, Any]:
    path = ".".join(["$", *map(str, found["loc"])])
    if found["type"] == "extra_forbidden":
        return _item(
            f"{path}: is not defined in the schema and the schema does not allow "
            "additional properties"
        )
    return _item(f"{path}: {found['msg']}")


def _item(message: str) -> dict[str, Any]:
    return {"parameters": {}, "message": message}


def _invalid(errors: list[dict[str, Any]]) -> Refusal:
    refusal = problem(
        400,
        "Invalid Request",
        "One or more parameters to your request was invalid.",
        "invalid-request",
    )
    return Refusal(400, {"errors": errors, **refusal.body}, refusal.headers)


def too_long() -> Refusal:
    """The refusal of a text over 280."""
    return _invalid([_item("Your Tweet text is too long. For more information refer to the docs.")])


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
    if post.media is not None:
        raise _invalid([_item("Your media IDs are invalid.")])
    if post.quote_tweet_id is not None:
        raise not_yours()
    if not post.text.strip() or never_allowed(post.text):
        raise _invalid([_item("$.text: is missing, blank or holds an invalid character")])
    if weight(post.text) > HEAVIEST:
        raise too_long()
    if len(_CASHTAG.findall(post.text)) > 1:
        raise problem(403, "Forbidden", "You are not permitted to perform this action.")
