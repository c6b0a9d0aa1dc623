"""A strict OAuth provider on the loopback: single-use codes and refresh tokens, PKCE, rotation.

It follows RFC 6749, RFC 7636 and, where a spent refresh token comes again, RFC 9700 section 4.14.2:
the whole log-in ends.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx

Answer = tuple[int, str, bytes]  # status, content type, body; status 0: the line goes dead

HTML: Answer = (200, "text/html", b"<html>Sign in</html>")
NOTHING: Answer = (200, "application/json", b"")
DEAD: Answer = (0, "", b"")
BUSY: Answer = (429, "application/json", b'{"error": "slow_down"}')
BROKEN: Answer = (503, "text/html", b"<html>maintenance</html>")

CLIENT_ID, CLIENT_SECRET = "the-app", "secret-of-the-app"
LIFETIME = 7200


def wrong_json() -> Answer:
    """JSON of another shape, with a token where none is looked for."""
    return (200, "application/json", b'{"data": [{"token": "tok-of-another-shape"}]}')


@dataclass
class Provider:
    """What it knows and what it saw; `faults` are given in turn, in place of tokens."""

    url: str = ""
    faults: list[Answer] = field(default_factory=list)
    after: Callable[[], None] = lambda: None  # called when a refresh is done, before its answer
    denies: bool = False
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    refresh_tokens: set[str] = field(default_factory=set)
    spent: set[str] = field(default_factory=set)
    access_tokens: set[str] = field(default_factory=set)
    issued: list[str] = field(default_factory=list)  # every secret that was ever given out
    refreshes: int = 0
    token_requests: int = 0
    reused: bool = False
    clients: dict[str, str] = field(default_factory=lambda: {CLIENT_ID: CLIENT_SECRET})

    def visit(self, address: str) -> str:
        """What a browser does, and the person who says yes in it: the address it ends on."""
        came = httpx.get(address, follow_redirects=False)
        assert came.status_code == 302, came.text
        return came.headers["location"]

    def new(self, kind: str) -> str:
        """A token that nobody had before."""
        made = f"{kind}-{secrets.token_urlsafe(24)}"
        self.issued.append(made)
        return made

    def authorize(self, asked: Mapping[str, str]) -> str:
        """Where to send the browser back to."""
        assert asked["response_type"] == "code"
        assert asked["client_id"] in self.clients
        assert asked["code_challenge_method"] == "S256"
        assert asked["state"]
        back, state = asked["redirect_uri"], {"state": asked["state"]}
        if self.denies:
            return f"{back}?{urlencode({'error': 'access_denied', **state})}"
        code = self.new("code")
        self.codes[code] = dict(asked)
        return f"{back}?{urlencode({'code': code, **state})}"

    def token(self, form: Mapping[str, str], client: tuple[str, str]) -> Answer:
        """Trade a code or a refresh token."""
        self.token_requests += 1
        if self.faults:
            return self.faults.pop(0)
        if self.clients.get(client[0]) != client[1]:
            return _error(401, "invalid_client")
        trade = {"authorization_code": self._by_code, "refresh_token": self._by_refresh_token}
        return trade[form["grant_type"]](form)

    def tokens(self, **more: Any) -> Answer:
        """A fresh pair."""
        access, refresh = self.new("access"), self.new("refresh")
        self.access_tokens.add(access)
        self.refresh_tokens.add(refresh)
        given = {"access_token": access, "refresh_token": refresh, "token_type": "bearer"}
        return _json(200, {**given, "expires_in": LIFETIME, "scope": "read write", **more})

    def _by_code(self, form: Mapping[str, str]) -> Answer:
        asked = self.codes.pop(form["code"], None)
        if asked is None or asked["redirect_uri"] != form["redirect_uri"]:
            return _error(400, "invalid_grant")
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        return (
            self.tokens() if challenge == asked["code_challenge"] else _error(400, "invalid_grant")
        )

    def _by_refresh_token(self, form: Mapping[str, str]) -> Answer:
        token = form["refresh_token"]
        if token in self.spent:
            self.reused = True
            self.refresh_tokens.clear()
            self.access_tokens.clear()
        if token not in self.refresh_tokens:
            return _error(400, "invalid_grant")
        self.refresh_tokens.discard(token)
        self.spent.add(token)
        self.refreshes += 1
        made = self.tokens()
        self.after()
        return made

    def lengthened(self, asked: Mapping[str, str]) -> Answer:
        """Meta's way: a GET with the token in the address gives another one."""
        if asked["access_token"] not in self.access_tokens:
            return _json(400, {"error": {"message": "Session has expired", "code": 190}})
        self.refreshes += 1
        access = self.new("long")
        self.access_tokens.add(access)
        return _json(200, {"access_token": access, "token_type": "bearer", "expires_in": 5_184_000})

    def register(self, body: Mapping[str, str]) -> Answer:
        """Mastodon's way: whoever asks is a client."""
        client = {"client_id": f"app-{len(self.clients)}", "client_secret": self.new("app")}
        self.clients[client["client_id"]] = client["client_secret"]
        return _json(200, {**client, "redirect_uri": body["redirect_uris"]})


def _json(status: int, body: Any) -> Answer:
    return status, "application/json", json.dumps(body).encode()


def _error(status: int, error: str) -> Answer:
    return _json(status, {"error": error, "error_description": f"said the provider: {error}"})


class _Handler(BaseHTTPRequestHandler):
    provider: Provider

    def do_GET(self) -> None:
        path, asked = self._asked()
        if path == "/authorize":
            self.send_response(302)
            self.send_header("Location", self.provider.authorize(asked))
            self.end_headers()
        elif path == "/lengthen":
            self._answer(self.provider.lengthened(asked))
        else:
            self._answer(self._who())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if self.path == "/apps":
            self._answer(self.provider.register(json.loads(body)))
            return
        assert self.headers["Content-Type"] == "application/x-www-form-urlencoded"
        form = dict(parse_qsl(body.decode()))
        self._answer(self.provider.token(form, self._client(form)))

    def _client(self, form: Mapping[str, str]) -> tuple[str, str]:
        scheme, _, pair = self.headers.get("Authorization", "").partition(" ")
        if scheme != "Basic":
            return form.get("client_id", ""), form.get("client_secret", "")
        assert "client_secret" not in form  # RFC 6749 section 2.3: one way at a time
        id_, _, secret = base64.b64decode(pair).decode().partition(":")
        return id_, secret

    def _who(self) -> Answer:
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        known = token in self.provider.access_tokens
        return _json(200, {"name": "The Office"}) if known else _error(401, "invalid_token")

    def _asked(self) -> tuple[str, dict[str, str]]:
        parts = urlsplit(self.path)
        return parts.path, dict(parse_qsl(parts.query))

    def _answer(self, answer: Answer) -> None:
        status, kind, body = answer
        if not status:
            self.connection.close()
            return
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@contextmanager
def running() -> Iterator[Provider]:
    """A provider that answers until the end of the block."""
    provider = Provider()
    handler = type("_Bound", (_Handler,), {"provider": provider})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    provider.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
