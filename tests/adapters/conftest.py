"""A vendor made of functions: each route answers from a handler, without a socket."""

import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import orjson
import pytest
from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse

from mamigrate.clock import HandClock
from mamigrate.contract import Connection, Secret
from mamigrate.http.transports import standing
from mamigrate_hubspot.adapter import HubSpot, HubSpotInstance
from mamigrate_marketo.adapter import Marketo, MarketoInstance


@dataclass(frozen=True)
class Asked:
    """A request as a handler sees it."""

    method: str
    path: str
    query: dict[str, list[str]]
    body: bytes
    names: tuple[str, ...]

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)

    @property
    def form(self) -> dict[str, list[str]]:
        return parse_qs(self.body.decode())


Handler = Callable[[Asked], Any]


class Vendor(BaseAdapter):
    """``vendor.on("GET", "/lists/(.*)", handler)``; a handler returns a body, or (status, body), or headers behind both."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[Asked] = []
        self._routes: list[tuple[str, re.Pattern[str], Handler]] = []

    def on(self, method: str, path: str, handler: Any) -> None:
        """The latest handler of a route counts."""
        handle = handler if callable(handler) else lambda asked: handler
        self._routes.insert(0, (method, re.compile(path), handle))

    def paths(self) -> list[str]:
        return [f"{one.method} {one.path}" for one in self.asked]

    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        url = urlsplit(str(request.url))
        path = unquote(url.path)
        for method, pattern, handle in self._routes:
            found = pattern.fullmatch(path)
            if method == request.method and found:
                body = request.body or b""
                raw = body.encode() if isinstance(body, str) else bytes(body)
                asked = Asked(method, path, parse_qs(url.query), raw, found.groups())
                self.asked.append(asked)
                answer = handle(asked)
                if isinstance(answer, Exception):
                    raise answer
                status, data, *headers = answer if isinstance(answer, tuple) else (200, answer)
                return _response(request, status, data, *headers)
        return _response(request, 404, {"status": "error", "category": "OBJECT_NOT_FOUND", "path": path})

    def close(self) -> None:
        pass


def _response(request: PreparedRequest, status: int, data: Any, headers: Mapping[str, str] | None = None) -> Response:
    body = data if isinstance(data, bytes) else orjson.dumps(data)
    response = Response()
    response.status_code, response.request, response.url = status, request, str(request.url)
    response.headers.update(headers or {})
    response.raw = HTTPResponse(io.BytesIO(body), status=status, preload_content=False)
    return response


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    vendor = Vendor()
    with standing("https://", vendor):
        yield vendor


@pytest.fixture
def hubspot(vendor: Vendor, clock: HandClock) -> HubSpotInstance:
    vendor.on("GET", "/crm/v3/properties/(contacts|companies|deals)", {"results": PROPERTIES})
    vendor.on("GET", "/communication-preferences/v4/definitions", {"status": "COMPLETE", "results": DEFINITIONS})
    connection = Connection(
        "src", "hubspot", "", "Asia/Tokyo", {"explicit_consent": "false"}, secrets={"access_token": Secret("pat-hush")}
    )
    return HubSpot().connect(connection, clock)


@pytest.fixture
def marketo(vendor: Vendor, clock: HandClock) -> MarketoInstance:
    token = {"access_token": "tok", "token_type": "bearer", "expires_in": 3599, "scope": "api@x.example"}
    vendor.on("GET", "/identity/oauth/token", token)
    vendor.on("GET", "/rest/v1/leads/describe2.json", well([LEAD]))
    connection = Connection(
        "dst",
        "marketo",
        base_url="https://123-ABC-456.mktorest.com",
        options={"client_id": "id"},
        secrets={"client_secret": Secret("hush")},
    )
    return Marketo().connect(connection, clock)


def well(result: Any, **more: Any) -> dict[str, Any]:
    return {"requestId": "1#1", "success": True, "result": result, **more}


def _property(name: str, kind: str, field_type: str, **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "label": name.title(),
        "type": kind,
        "fieldType": field_type,
        "hubspotDefined": True,
        "options": [],
        "modificationMetadata": {"readOnlyValue": False},
        **more,
    }


PROPERTIES = [
    _property("email", "string", "text"),
    _property("firstname", "string", "text"),
    _property("createdate", "datetime", "date"),
    _property("lastmodifieddate", "datetime", "date"),
    _property("annualrevenue", "number", "number"),
    _property("hs_email_optout", "enumeration", "booleancheckbox"),
    _property("hs_email_optout_9001", "enumeration", "booleancheckbox"),
    _property("hs_additional_emails", "enumeration", "checkbox"),
    _property("hs_merged_object_ids", "enumeration", "checkbox"),
    _property("interests", "enumeration", "checkbox", hubspotDefined=False),
    _property("lifecyclestage", "enumeration", "radio"),
]
DEFINITIONS = [
    {"id": "9001", "name": "News", "purpose": "Marketing", "communicationMethod": "Email", "businessUnitId": 0},
    {"id": "9002", "name": "Service", "purpose": "Service", "communicationMethod": "Email", "businessUnitId": 7},
]
LEAD = {
    "name": "API Lead",
    "searchableFields": [["email"], ["id"], ["mmSourceKey"]],
    "fields": [
        {"name": name, "displayName": name, "dataType": kind, "updateable": name != "createdAt", "crmManaged": False}
        for name, kind in (
            ("id", "integer"),
            ("email", "email"),
            ("firstName", "string"),
            ("createdAt", "datetime"),
            ("updatedAt", "datetime"),
            ("mmSourceKey", "string"),
            ("leadScore", "score"),
            ("annualRevenue", "currency"),
            ("dateOfBirth", "date"),
            ("unsubscribed", "boolean"),
            ("unsubscribedReason", "text"),
            ("blackListed", "boolean"),
            ("emailInvalid", "boolean"),
            ("marketingSuspended", "boolean"),
            ("emailSuspended", "boolean"),
            ("emailSuspendedAt", "datetime"),
        )
    ],
}
