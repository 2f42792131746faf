"""A HubSpot sandbox to call, with a clock that stands still, and the vendor's interface specs where they are at hand.

Every JSON answer that a test gets through ``call`` is checked against the spec of its operation.
"""

import functools
import os
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import flask
import orjson
import pytest
from cheroot.wsgi import Server
from openapi_schema_validator import OAS30Validator, oas30_format_checker
from werkzeug.test import TestResponse

from mamigrate_sandbox.clock import SandboxClock
from mamigrate_sandbox.hubspot.app import create
from mamigrate_sandbox.hubspot.describe import install_defaults
from mamigrate_sandbox.store import Store

Call = Callable[..., TestResponse]
_ROOT = Path(__file__).parents[4]
# The spec types it as a string; live answers carry a number.
_KNOWN_DEVIATIONS = {"toObjectId"}
_SHAPES = ("properties", "additionalProperties", "required", "oneOf", "anyOf", "allOf")


@pytest.fixture
def store() -> Iterator[Store]:
    store = Store(None)
    install_defaults(store)
    yield store
    store.close()


@pytest.fixture
def clock(store: Store) -> SandboxClock:
    """Stands still until it is advanced."""
    return SandboxClock(store, 0)


@pytest.fixture
def app(store: Store, clock: SandboxClock) -> flask.Flask:
    return create(store, clock)


@pytest.fixture
def call(app: flask.Flask, store: Store) -> Call:
    """``call("GET /path", json)``: an answer, checked against the interface spec."""
    client = app.test_client()

    def send(what: str, json: Any = None, *, token: str | None = None, **more: Any) -> TestResponse:
        method, _, path = what.partition(" ")
        headers = {"Authorization": f"Bearer {token or store.setting('access_token')}"}
        if json is not None:
            more |= {"data": orjson.dumps(json), "content_type": "application/json"}
        answer = client.open(path, method=method, headers=headers, **more)
        problems = deviations(method, path.partition("?")[0], answer)
        assert not problems, f"{what} -> {answer.status_code}: {problems}"
        return answer

    return send


@pytest.fixture
def contact(call: Call) -> Callable[..., str]:
    """Create a contact and return its id."""

    def make(email: str = "", **properties: str) -> str:
        wanted = {**properties, **({"email": email} if email else {})}
        answer = call("POST /crm/v3/objects/contacts", {"properties": wanted})
        assert answer.status_code == 201, answer.text
        return str(answer.json["id"]) if answer.json else ""

    return make


@pytest.fixture
def served(app: flask.Flask) -> Iterator[str]:
    """The base URL of the same sandbox behind a threaded server."""
    server = Server(("127.0.0.1", 0), app.wsgi_app, numthreads=4)
    server.prepare()
    thread = threading.Thread(target=server.serve)
    thread.start()
    yield f"http://127.0.0.1:{server.bind_addr[1]}"
    server.stop()
    thread.join()


# --- the vendor's specs -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def reference(reference_data: Path) -> Path:
    """The folder of reference data; tests that need it are skipped without."""
    return reference_data


@pytest.fixture
def checked() -> Callable[[str, str, Any], list[str]]:
    """The check itself, for the test that it sees something."""
    return deviations


def deviations(method: str, path: str, answer: TestResponse) -> list[str]:
    """Where an answer differs from the spec of its operation; nothing when there is no spec at hand."""
    validator = _validator(method.lower(), path, str(answer.status_code))
    if validator is None or not answer.is_json or answer.status_code == 429:
        return []
    errors = validator.iter_errors(_without_nulls(answer.json))
    told = [(list(map(str, error.absolute_path)), error.message) for error in errors]
    return [f"{'/'.join(path)}: {text[:200]}" for path, text in told if not (path and path[-1] in _KNOWN_DEVIATIONS)]


def _reference() -> Path | None:
    named = os.environ.get("MAMIGRATE_SHARED")
    places = [Path(named)] if named else [parent / "shared" for parent in _ROOT.parents]
    return next((place for place in places if (place / "specs/hubspot").is_dir()), None)


@functools.cache
def _operations() -> list[tuple[str, re.Pattern[str], dict[str, Any], Path]]:
    """Method, path, responses and file of every operation, the most literal paths first."""
    folder = _reference()
    rows = []
    for file in sorted(folder.glob("specs/hubspot/*/*.json")) if folder else []:
        for path, methods in _spec(file)["paths"].items():
            literal = re.sub(r"\{[^}]+\}", "[^/]+", path.rstrip("/"))
            for method, operation in methods.items():
                if isinstance(operation, dict) and "responses" in operation:
                    rows.append((method, re.compile(literal), operation["responses"], file))
    return sorted(rows, key=lambda row: row[1].pattern.count("[^/]+"))


@functools.cache
def _spec(file: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = _opened(orjson.loads(file.read_bytes()))
    return loaded


def _opened(schema: Any) -> Any:
    """The specs type an arbitrary value as a bare object."""
    if isinstance(schema, dict) and schema.get("type") == "object" and not any(map(schema.get, _SHAPES)):
        return {}
    if isinstance(schema, dict):
        return {key: _opened(each) for key, each in schema.items()}
    return [_opened(each) for each in schema] if isinstance(schema, list) else schema


@functools.lru_cache(maxsize=512)
def _validator(method: str, path: str, status: str) -> Any:
    for each, pattern, responses, file in _operations():
        if each == method and pattern.fullmatch(path):
            response = responses.get(status) or responses.get("default", {})
            schema = response.get("content", {}).get("application/json", {}).get("schema")
            if schema is None:
                schema = next((c.get("schema") for c in response.get("content", {}).values()), None)
            root = {**(schema or {}), "components": _spec(file)["components"]}
            return OAS30Validator(root, format_checker=oas30_format_checker)
    return None


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(each) for key, each in value.items() if each is not None}
    return [_without_nulls(each) for each in value] if isinstance(value, list) else value
