"""WordPress: posts of a site, https://developer.wordpress.org/rest-api/reference/posts/."""

from __future__ import annotations

import contextlib
import re
import unicodedata
from base64 import b64encode
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from html import escape
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar, cast
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from karnay.accounts import NOTHING
from karnay.errors import AccountError, RateLimited, Rejected
from karnay.media.asset import Kind
from karnay.media.limits import MEGABYTE, DocumentLimits, ImageLimits, MediaLimits, VideoLimits
from karnay.platforms.address import Address, loopback
from karnay.platforms.answers import Answer, ErrorTable, Row, own_words
from karnay.platforms.base import (
    Absent,
    CannotTell,
    Effect,
    Exchange,
    Identity,
    Key,
    Receipt,
    Refusal,
    Sample,
    Sighting,
    Step,
)
from karnay.platforms.calls import Call, File, Joined, Json, Ref
from karnay.platforms.logins import Asked, Question
from karnay.platforms.wire import Wire, secret
from karnay.rendering.limits import Limits
from karnay.secrets import SecretRef, remember_all
from karnay.text import html
from karnay.text.measure import Counter, Dialect
from karnay.text.meta import links
from karnay.text.overlaps import without_overlaps
from karnay.text.richtext import Kind as Mark
from karnay.text.richtext import RichText
from karnay.text.sizes import utf16_units

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from karnay.accounts import Account, Budget
    from karnay.errors import PublishingError
    from karnay.media.asset import Asset
    from karnay.rendering.variant import Variant
    from karnay.text.richtext import Span

T = TypeVar("T")

TEXT = 500_000
"""WordPress sets no limit to a post; this is what fits into any server's request."""

FILES, ALT = 20, 2_000
"""Nor to its files and to their descriptions: what readers bear."""

IMAGES = ImageLimits(
    formats=("image/jpeg", "image/png", "image/gif", "image/webp"),
    max_bytes=2 * MEGABYTE,
    animated=True,
    max_animated_bytes=2 * MEGABYTE,
)
"""A site takes what its server does, and tells nobody; PHP's own limit is 2 MB:
https://www.php.net/manual/en/ini.core.php#ini.upload-max-filesize"""

LARGEST = 50 * MEGABYTE
"""Bytes of a video or a document; a site that takes less refuses it before anything is public."""

MEDIA = MediaLimits(
    most=FILES,
    images=IMAGES,
    videos=VideoLimits(("video/mp4", "video/webm", "video/quicktime"), LARGEST),
    documents=DocumentLimits(("application/pdf",), LARGEST),
    most_videos=FILES,
    most_documents=FILES,
    mixed=True,
    alt=ALT,
    described=frozenset({Kind.IMAGE}),
)

_BASIC = {"Authorization": "Basic {login}"}
_WORDS, _DIGITS = 8, 10
_EDITED = ("title", "content", "excerpt", "categories", "tags", "featured_media")


def _safe(value: str) -> str:
    """The password goes along with every request."""
    if not value.startswith("https://") and not loopback(value):
        raise ValueError("must begin with https://: the password goes along with every request")
    return value


class Details(BaseModel):
    """An account's table in karnay.toml: the site, a user, and an application password of theirs.

    https://developer.wordpress.org/rest-api/using-the-rest-api/authentication/
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    site: Annotated[Address, AfterValidator(_safe)]
    user: str = Field(min_length=1, pattern=r"^[^:]+$")
    password: SecretRef

    @property
    def api(self) -> str:
        """The address of what is published through."""
        return f"{self.site}/wp-json/wp/v2"


class Options(BaseModel):
    """What a post may say under `platforms.wordpress`.

    Without a `title`, a heading that the text begins with is it. `slug` is how its address begins:
    what identifies the post is added. Categories and tags are named by their numbers. The first
    picture is the `featured` one, which the site's theme shows; the others follow the text.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str = ""
    slug: Annotated[str, Field(pattern=r"^[a-z0-9-]*$", max_length=120)] = ""
    excerpt: str = ""
    status: Literal["publish", "draft", "pending", "private"] = "publish"
    categories: list[int] = []
    tags: list[int] = []
    featured: bool = True

    def fields(self) -> dict[str, Json]:
        """The options as WordPress names them; what is not asked for is left out."""
        wanted = {"excerpt": self.excerpt, "categories": self.categories, "tags": self.tags}
        told = {name: value for name, value in wanted.items() if value}
        return {"status": self.status, **told}


def detect(text: str) -> tuple[Span, ...]:
    """The links: WordPress makes none of bare addresses, so they are made for it."""
    return without_overlaps(links(text))


def written(text: RichText) -> str:
    """The text as a post's content: line breaks are made paragraphs of by WordPress itself.

    https://developer.wordpress.org/reference/functions/wpautop/
    A bracket is written so that no shortcode begins with it.
    """
    return _inert(html.html(text))


def _inert(markup: str) -> str:
    return markup.replace("[", "&#91;")


def _headed(text: RichText) -> tuple[str, RichText]:
    """The heading that the text begins with, and what follows it: a bold paragraph."""
    words, _, rest = text.text.partition("\n\n")
    bold = any(
        span.kind is Mark.BOLD and (span.start, span.end) == (0, len(words)) for span in text.spans
    )
    if not (bold and rest.strip()) or "\n" in words:
        return "", text
    return words, text.slice(len(words), len(text.text)).strip()


def _slug(words: str, key: Key) -> str:
    """A few plain words, and what no other post has: the address of this one alone."""
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    few = re.findall(r"[a-z0-9]+", plain)[:_WORDS]
    return "-".join([*few, key.step("slug")[:_DIGITS]])


@dataclass(frozen=True, slots=True)
class _Plan:
    """The steps of one post: its files, which nothing leads to yet, and then the post."""

    details: Details
    options: Options
    key: Key

    def steps(self, text: RichText, media: tuple[Asset, ...]) -> Iterator[Step]:
        """All of them, in order."""
        files = list(enumerate(media, start=1))
        for number, asset in files:
            yield self._upload(number, asset)
            if asset.alt and asset.kind is Kind.IMAGE:
                yield self._describe(number, asset)
        call = Call("POST", f"{self.details.api}/posts", _BASIC, self._post(text, files))
        yield Step("create-1", Effect.ONCE, self.key.step("create-1"), call, part=0)

    def _upload(self, number: int, asset: Asset) -> Step:
        """https://developer.wordpress.org/rest-api/reference/media/#create-a-media-item"""
        name = f"upload-{number}"
        file = re.sub(r"[^\w.-]+", "-", asset.name, flags=re.ASCII)
        headers = {**_BASIC, "Content-Disposition": f'attachment; filename="{file}"'}
        call = Call("POST", f"{self.details.api}/media", headers, File(asset))
        return Step(name, Effect.SAFE, self.key.step(name), call)

    def _describe(self, number: int, asset: Asset) -> Step:
        """https://developer.wordpress.org/rest-api/reference/media/#update-a-media-item"""
        name = f"alt-{number}"
        refs = {"media": Ref(f"upload-{number}")}
        body = {"alt_text": asset.alt}
        call = Call("POST", f"{self.details.api}/media/{{media}}", _BASIC, body, refs)
        return Step(name, Effect.SAFE, self.key.step(name), call)

    def _post(self, text: RichText, files: Sequence[tuple[int, Asset]]) -> dict[str, Json]:
        """https://developer.wordpress.org/rest-api/reference/posts/#create-a-post"""
        heading, rest = ("", text) if self.options.title else _headed(text)
        title = self.options.title or heading
        featured = next((n for n, asset in files if asset.kind is Kind.IMAGE), None)
        featured = featured if self.options.featured else None
        cover = {"featured_media": Ref(f"upload-{featured}", number=True)} if featured else {}
        shown = [_shown(number, asset) for number, asset in files if number != featured]
        return {
            **({"title": title} if title else {}),
            "content": Joined(tuple(_pieces(written(rest), shown))) if shown else written(rest),
            "slug": _slug(self.options.slug or title or rest.text, self.key),
            **self.options.fields(),
            **cover,
        }


def _pieces(content: str, shown: Sequence[tuple[str | Ref, ...]]) -> Iterator[str | Ref]:
    yield content
    for file in shown:
        yield "\n\n"
        yield from file


def _shown(number: int, asset: Asset) -> tuple[str | Ref, ...]:
    """A file in the content, by the address that its upload was given."""
    at, said = Ref(f"upload-{number}", "link"), _inert(escape(asset.alt))
    match asset.kind:
        case Kind.IMAGE:
            return '<figure><img src="', at, f'" alt="{said}" /></figure>'
        case Kind.VIDEO:
            return '<figure><video controls src="', at, '"></video></figure>'
        case Kind.DOCUMENT:
            return '<a href="', at, f'">{said or _inert(escape(asset.name))}</a>'


def _words(answer: Answer) -> str:
    """What WordPress says, and its code for it."""
    code = answer.member("code")
    return own_words(answer) + (f" ({code})" if isinstance(code, str) else "")


class _Gone(Rejected):
    """There is no such post, or it is in the trash already."""


# https://developer.wordpress.org/rest-api/reference/posts/; a site's other plugins have their own.
ERRORS = ErrorTable(rows=(Row(400, "rest_cannot", AccountError),), words=_words)
_GONE_IS_FINE = replace(
    ERRORS,
    rows=(
        Row(404, "rest_post_invalid_id", _Gone),
        Row(410, "rest_already_trashed", _Gone),
        *ERRORS.rows,
    ),
)


def _details(account: Account) -> Details:
    return cast("Details", account.details)


def _login(details: Details) -> str:
    """The user and the password as https://www.rfc-editor.org/rfc/rfc7617#section-2 has them."""
    pair = f"{details.user}:{secret(details.password)}"
    login = b64encode(pair.encode()).decode()
    remember_all((login,))
    return login


def _ask(
    account: Account,
    wire: Wire,
    call: Call,
    effect: Effect,
    read: Callable[[Any], T],
    *,
    table: ErrorTable = ERRORS,
) -> T:
    secrets = {"login": _login(_details(account))}
    return wire.ask(call, effect=effect, table=table, read=read, secrets=secrets)


def _number(body: Mapping[str, Any]) -> str:
    found = body["id"]
    if not isinstance(found, int) or found < 1:
        raise ValueError("no id")
    return str(found)


def _post(body: Mapping[str, Any]) -> Receipt:
    return Receipt(_number(body), str(body["link"]), {"slug": str(body.get("slug", ""))})


def _file(body: Mapping[str, Any]) -> Receipt:
    return Receipt(_number(body), str(body["source_url"]))


def _described(body: Mapping[str, Any]) -> Receipt:
    return Receipt(_number(body))


def _listed(body: Any) -> list[Receipt]:
    if not isinstance(body, list):
        raise TypeError("no list")
    return [_post(post) for post in body]


def _me(details: Details) -> Call:
    return Call("GET", f"{details.api}/users/me?context=edit", _BASIC)


_READ: Mapping[str, Callable[[Mapping[str, Any]], Receipt]] = {
    "upload": _file,
    "alt": _described,
    "create": _post,
}

_SITE = "https://news.example"
_PICTURE = {"source_url": f"{_SITE}/wp-content/uploads/2026/11/image.jpg", "link": _SITE}
_ME = {
    "id": 7,
    "name": "TICT",
    "link": f"{_SITE}/author/tict/",
    "capabilities": {"publish_posts": True, "upload_files": True},
}


def _no(status: int, code: str, said: str, error: type[PublishingError]) -> Refusal:
    return Refusal(status, {"code": code, "message": said, "data": {"status": status}}, error)


def _marked(body: Mapping[str, Json]) -> list[str]:
    shown = html.parsed(body.get("content", ""))
    return [shown.text[span.start : span.end] for span in shown.spans]


SAMPLE = Sample(
    account={
        "platform": "wordpress",
        "site": _SITE,
        "user": "press",
        "password": "env:WORDPRESS_PASSWORD",
    },
    secrets={"WORDPRESS_PASSWORD": "abcd EFGH 1234 ijkl MNOP 6789"},
    network=(
        *(Exchange("POST", "/wp/v2/media", 201, {"id": n, **_PICTURE}) for n in (31, 32, 33)),
        *(Exchange("POST", f"/wp/v2/media/{n}", 200, {"id": n, **_PICTURE}) for n in (31, 32, 33)),
        Exchange("POST", "/wp/v2/posts", 201, {"id": 57, "link": f"{_SITE}/visit/", "slug": "v"}),
        Exchange("GET", "/wp/v2/posts", 200, []),
        Exchange("GET", "/wp/v2/users/me", 200, _ME),
    ),
    refusals=(
        _no(401, "rest_not_logged_in", "You are not currently logged in.", AccountError),
        _no(401, "incorrect_password", "The application password is incorrect.", AccountError),
        _no(403, "rest_cannot_create", "You are not allowed to create posts.", AccountError),
        _no(404, "rest_no_route", "No route was found matching the URL.", AccountError),
        _no(400, "rest_invalid_param", "Invalid parameter(s): tags", Rejected),
        _no(400, "empty_content", "Content, title, and excerpt are empty.", Rejected),
        _no(429, "too_many_requests", "Slow down.", RateLimited),
    ),
    reads=lambda told: html.parsed(told).text,
    marks=_marked,
)
"""Answers as https://developer.wordpress.org/rest-api/reference/posts/ documents them."""


class WordPress:
    """One post, whose address is made of the delivery's key: there it is looked for.

    WordPress would publish a repetition as another one, at an address with `-2` at its end.
    """

    name = "wordpress"
    title = "WordPress"
    details: type[BaseModel] = Details
    options: type[BaseModel] = Options
    settling = timedelta(minutes=1)
    budgets: tuple[Budget, ...] = ()
    sample = SAMPLE
    login = Asked(
        (
            Question(
                "password",
                "application password",
                "https://make.wordpress.org/core/2020/11/05/application-passwords-integration-guide/",
            ),
        )
    )

    def limits(
        self, account: Account, *, media: bool = False, options: Mapping[str, Any] = NOTHING
    ) -> Limits:
        """As much text as anybody writes, in one post; there are no threads."""
        return Limits(
            counters=(Counter("characters", TEXT, utf16_units),),
            dialect=Dialect(keeps=frozenset(html.TAGS), detect=detect),
            media=MEDIA,
        )

    def plan(self, variant: Variant, account: Account, key: Key) -> list[Step]:
        """Its files with their descriptions; then the post."""
        options = Options.model_validate(dict(variant.options))
        [part] = variant.parts
        return list(_Plan(_details(account), options, key).steps(part.text, part.media))

    def perform(self, step: Step, account: Account, wire: Wire) -> Receipt:
        """Upload or describe a file, or publish. Raises a PublishingError, and nothing else."""
        read = _READ[step.name.partition("-")[0]]
        return _ask(account, wire, step.call, step.effect, read)

    def edit(self, step: Step, receipt: Receipt, account: Account, wire: Wire) -> Receipt:
        """Change what a post says; its address and its status stay.

        https://developer.wordpress.org/rest-api/reference/posts/#update-a-post
        """
        fields = step.call.fields
        body = {name: fields[name] for name in _EDITED if name in fields}
        call = Call("POST", f"{_details(account).api}/posts/{receipt.id}", _BASIC, body)
        return _ask(account, wire, call, Effect.KEYED, _post)

    def delete(self, step: Step, receipt: Receipt, account: Account, wire: Wire) -> None:
        """Move a post to the trash, where people may still take it out again.

        https://developer.wordpress.org/rest-api/reference/posts/#delete-a-post
        """
        call = Call("DELETE", f"{_details(account).api}/posts/{receipt.id}", _BASIC)
        with contextlib.suppress(_Gone):
            _ask(account, wire, call, Effect.KEYED, _number, table=_GONE_IS_FINE)

    def find(self, step: Step, account: Account, wire: Wire, since: datetime) -> Sighting:
        """Ask for the post at the address that no other has, whatever its status."""
        details, slug = _details(account), step.call.fields["slug"]
        _ask(account, wire, _me(details), Effect.SAFE, _who)  # else nothing but public ones show
        call = Call("GET", f"{details.api}/posts?slug={slug}&status=any&context=edit", _BASIC)
        found = _ask(account, wire, call, Effect.SAFE, _listed)
        ours = next((post for post in found if post.data["slug"] == slug), None)
        if found and not ours:
            return CannotTell("the site does not look for addresses: it shows other posts")
        return ours or Absent()

    def identify(self, account: Account, wire: Wire) -> Identity:
        """The user. Raises AccountError where they may not publish.

        https://developer.wordpress.org/rest-api/reference/users/#retrieve-a-user-2
        """
        details = _details(account)
        me = _ask(account, wire, _me(details), Effect.SAFE, _who)
        if not me["may"]:
            raise AccountError(
                f"{me['name']} may not publish on {details.site}: give the user the role of an "
                "author, or another that may"
            )
        return Identity(f"{me['name']} at {urlsplit(details.site).netloc}", me["link"])


def _who(body: Mapping[str, Any]) -> dict[str, Any]:
    may = body.get("capabilities") or {}
    return {
        "name": str(body["name"]),
        "link": str(body.get("link") or ""),
        "may": bool(may.get("publish_posts")),
    }


PLATFORM = WordPress()
