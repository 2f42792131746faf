"""A Marketo instance in memory and a client that holds a token."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from mamigrate_sandbox.clock import SandboxClock
from mamigrate_sandbox.marketo.app import create
from mamigrate_sandbox.marketo.defaults import CLIENT_ID, CLIENT_SECRET, install_defaults
from mamigrate_sandbox.store import Body, Store


class Api:
    """Calls the application and reads its answers. ``raw`` gives the response, the others the JSON."""

    def __init__(self, store: Store, clock: SandboxClock) -> None:
        self.store = store
        self.clock = clock
        self.app = create(store, clock)
        self.client = self.app.test_client()
        self.token = ""
        self.renew()

    def renew(self) -> Body:
        query = {"grant_type": "client_credentials", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
        answer: Body = self.client.get("/identity/oauth/token", query_string=query).get_json()
        self.token = answer["access_token"]
        return answer

    def raw(self, method: str, path: str, **options: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token}"} | options.pop("headers", {})
        return self.client.open(path, method=method, headers=headers, **options)

    def get(self, path: str, **query: Any) -> Body:
        answer: Body = self.raw("GET", path, query_string=query).get_json()
        return answer

    def post(self, path: str, body: object = None, **query: Any) -> Body:
        answer: Body = self.raw("POST", path, json=body, query_string=query).get_json()
        return answer

    def form(self, path: str, **fields: Any) -> Body:
        data = {key: json.dumps(value) if isinstance(value, (dict, list)) else value for key, value in fields.items()}
        answer: Body = self.raw("POST", path, data=data).get_json()
        return answer

    def switch(self, **values: Any) -> None:
        self.store.set("switches", self.store.setting("switches", {}) | values)

    def sync(self, *records: Body, **options: Any) -> list[Body]:
        rows: list[Body] = self.post("/rest/v1/leads.json", {"input": list(records), **options})["result"]
        return rows

    def lead(self, id: int, *fields: str) -> Body:
        row: Body = self.get(f"/rest/v1/lead/{id}.json", fields=",".join(fields))["result"][0]
        return row

    def log(self, type: int, lead: int | None = None) -> list[Body]:
        bodies = [body for _, body in self.store.all("activities")]
        return [body for body in bodies if body["activityTypeId"] == type and lead in (None, body["leadId"])]

    def list(self, name: str = "VIP") -> int:
        made = self.form("/rest/asset/v1/staticLists.json", name=name, folder={"id": 21, "type": "Folder"})
        return int(made["result"][0]["id"])

    def program(self, name: str = "Fair", type: str = "Event", channel: str = "Tradeshow", **more: Any) -> int:
        folder = {"id": 35, "type": "Folder"}
        made = self.form("/rest/asset/v1/programs.json", name=name, type=type, channel=channel, folder=folder, **more)
        return int(made["result"][0]["id"])


@pytest.fixture
def api() -> Iterator[Api]:
    store = Store(None)
    install_defaults(store)
    yield Api(store, SandboxClock(store, speed=1.0))
    store.close()


@pytest.fixture(scope="session")
def reference(reference_data: Path) -> Path:
    """The folder of reference data; a test that needs it is skipped where it is not."""
    return reference_data
