"""What every answer looks like: request ids, success and failure, lead-database and asset style, dates, HTTP-level errors.

Facts: Adobe's REST error-code page and live recordings. Business errors arrive as HTTP 200.
"""

import itertools
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from flask import Response

from mamigrate_sandbox.store import Body

NO_ASSETS = "No assets found for the given search criteria."
_serial = itertools.count(secrets.randbelow(0x10000))


class Refused(Exception):
    """The whole call fails: HTTP 200 with ``success: false`` and this code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message


class Skipped(Exception):
    """One record fails; the others go on."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message

    def reasons(self) -> list[Body]:
        return [{"code": self.code, "message": self.message}]


class Broken(Exception):
    """The call fails as HTTP, with a status and plain text."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(status, text)
        self.status = status
        self.text = text


@dataclass(frozen=True)
class Reply:
    """``result`` None: the key is left out. ``token`` and ``more`` stand only on paged answers."""

    result: Sequence[Any] | None
    token: str | None = None
    more: bool | None = None
    warnings: Sequence[Any] = ()


def request_id(now: datetime) -> str:
    return f"{next(_serial) & 0x1FFFF:x}#{int(now.timestamp() * 1000):x}"


def lead_style(reply: Reply, id: str) -> Body:
    body: Body = {"requestId": id}
    if reply.result is not None:
        body["result"] = reply.result
    body["success"] = True
    if reply.warnings:
        body["warnings"] = list(reply.warnings)
    if reply.token is not None:
        body["nextPageToken"] = reply.token
    if reply.more is not None:
        body["moreResult"] = reply.more
    return body


def asset_style(reply: Reply, id: str) -> Body:
    """An empty result becomes a warning without ``result``."""
    body: Body = {"success": True, "errors": [], "requestId": id, "warnings": list(reply.warnings)}
    if reply.result:
        body["result"] = reply.result
    elif not reply.warnings:
        body["warnings"] = [NO_ASSETS]
    return body


def failure(code: str, message: str, id: str) -> Body:
    return {"requestId": id, "success": False, "errors": [{"code": code, "message": message}]}


def asset_dates(body: Body) -> Body:
    """Without the sandbox's own keys, and with dates as the asset API writes them."""
    shown = {key: value for key, value in body.items() if not key.startswith("_")}
    for key in ("createdAt", "updatedAt"):
        if isinstance(shown.get(key), str) and shown[key].endswith("Z"):
            shown[key] += "+0000"
    return shown


def as_json(body: object) -> Response:
    return Response(orjson.dumps(body), mimetype="application/json")


def stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
