"""The checker behind all other tests: it sees answers that a spec does not allow."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import flask
import orjson
from werkzeug.test import TestResponse


def test_an_answer_that_lacks_a_required_key_is_seen(
    reference: Path, app: flask.Flask, call: Callable[..., TestResponse], checked: Callable[[str, str, Any], list[str]]
) -> None:
    assert checked("GET", "/crm/v3/objects/contacts", call("GET /crm/v3/objects/contacts")) == []
    with app.test_request_context():
        bad = flask.Response(orjson.dumps({"results": [{"id": 7}]}), mimetype="application/json")
    found = checked("GET", "/crm/v3/objects/contacts", bad)
    assert any("required" in text for text in found)
    assert any("results/0/id" in text for text in found)
