"""What the networks publish about their APIs agrees with the sandbox."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from karnay.sandbox.facebook import api as facebook
from karnay.sandbox.instagram import api as instagram
from karnay.sandbox.telegram.entities import TYPES
from karnay.sandbox.threads import api as threads
from karnay.sandbox.threads import making
from karnay.sandbox.world import World
from karnay.sandbox.x.rules import Media, NewPost, NewUpload, Reply

CONTRACTS = Path(__file__).resolve().parents[3] / "shared" / "contracts"


def contract(name: str) -> Any:
    path = CONTRACTS / name
    if not path.exists():
        pytest.skip(f"{name} is not beside the project")
    return json.loads(path.read_text(encoding="utf-8"))


def test_the_bot_api_has_these_entities_and_no_others() -> None:
    fields = contract("telegram-bot-api.json")["types"]["MessageEntity"]["fields"]
    assert set(re.findall(r'"(\w+)" \(', fields[0]["description"])) == TYPES


@pytest.mark.parametrize(
    ("model", "name"),
    [
        (NewPost, "CreatePostsRequest"),
        (Reply, "CreatePostsReply"),
        (Media, "CreatePostsMedia"),
        (NewUpload, "InitializeMediaUploadRequest"),
    ],
)
def test_xs_schema_has_every_member_that_the_sandbox_takes(model: Any, name: str) -> None:
    schema = contract("x-api-v2-openapi.json")["components"]["schemas"][name]
    assert set(model.model_fields) <= set(schema["properties"])
    assert schema["additionalProperties"] is False


def meta(kind: str, edge: str) -> set[str]:
    """The parameters of a POST to that edge, as Meta's own generator of clients knows them."""
    apis = contract(f"meta/api_specs/{kind}.json")["apis"]
    [found] = [api for api in apis if (api["method"], api.get("endpoint")) == ("POST", edge)]
    return {parameter["name"] for parameter in found["params"]}


@pytest.mark.parametrize(
    ("taken", "kind", "edge"),
    [
        (facebook.FEED, "Page", "feed"),
        (facebook.PHOTO, "Page", "photos"),
        (facebook.VIDEO, "Page", "videos"),
        (("message", "attachment_url"), "PagePost", "comments"),
        (instagram.CONTAINER, "IGUser", "media"),
        (("creation_id",), "IGUser", "media_publish"),
        (("message",), "IGMedia", "comments"),
    ],
)
def test_metas_specification_has_every_parameter_that_the_sandbox_takes(
    taken: tuple[str, ...], kind: str, edge: str
) -> None:
    own = {"source", "file_url"}  # files, which the specification leaves out
    assert set(taken) - own <= meta(kind, edge)


def threads_requests() -> list[dict[str, Any]]:
    """Those of Meta's own collection for Threads."""
    folders = contract("meta/threads/threads-api.postman_collection.json")["item"]
    found: list[dict[str, Any]] = []
    while folders:
        item = folders.pop()
        folders += item.get("item", [])
        found += [item["request"]] if "request" in item else []
    return found


def test_metas_collection_has_every_parameter_of_a_container_on_threads() -> None:
    asked = [one["url"] for one in threads_requests() if one["method"] == "POST"]
    known = {
        parameter["key"]
        for url in asked
        if url["path"][-1] == "threads"
        for parameter in url["query"]
    }
    newer = {"topic_tag", "link_attachment"}  # of the reference, not of the collection
    assert set(making.FIELDS) - newer <= known


def test_metas_collection_has_every_address_of_threads(world: World) -> None:
    known = {(one["method"], _last(one["url"]["path"])) for one in threads_requests()}
    served = {
        (method, _last(route.path.split("/")))
        for route in threads.ThreadsApi(world).routes()
        for method in (route.methods or set()) - {"HEAD"}
    }
    assert served <= known


def _last(path: list[str]) -> str:
    """The end of an address; all ids are alike."""
    end = [piece for piece in path if piece][-1]
    return "{id}" if end.startswith("{") or end == "me" else end
