"""What the networks publish about their APIs agrees with the sandbox."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from karnay.sandbox.telegram.entities import TYPES
from karnay.sandbox.x.rules import Media, NewPost, Reply

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
    ],
)
def test_xs_schema_has_every_member_that_the_sandbox_takes(model: Any, name: str) -> None:
    schema = contract("x-api-v2-openapi.json")["components"]["schemas"][name]
    assert set(model.model_fields) <= set(schema["properties"])
    assert schema["additionalProperties"] is False
