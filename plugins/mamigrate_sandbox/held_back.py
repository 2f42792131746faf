"""One record of a batch that is refused while the others are carried out: the last one never reaches the vendor."""

from collections.abc import Iterable
from io import BytesIO
from typing import TYPE_CHECKING, Any

import orjson

from mamigrate_sandbox import spoiled

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_NO_ROWS: dict[str, dict[str, Any]] = {
    "marketo": {"requestId": "f#0", "success": True, "result": []},
    "hubspot": {"status": "COMPLETE", "results": []},
}
_INPUTS = {"marketo": "input", "hubspot": "inputs"}


def without_last(
    vendor: str, reason: tuple[str, str], app: "WSGIApplication", environ: "WSGIEnvironment", start: "StartResponse"
) -> Iterable[bytes]:
    """``reason`` is the vendor's code, or its category, with its message. A call that is no batch passes as it is."""
    sent = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    asked = _batch(sent, _INPUTS[vendor])
    if asked is None:
        return app(_bearing(environ, sent), start)
    *rest, last = asked[_INPUTS[vendor]]
    if not rest:
        body, status, headers = orjson.dumps(_NO_ROWS[vendor]), "200 OK", [("Content-Type", "application/json")]
    else:
        fewer = orjson.dumps({**asked, _INPUTS[vendor]: rest})
        body, status, headers = spoiled.answered(app, _bearing(environ, fewer))
    return _told(vendor, reason, last, orjson.loads(body), status, headers, start)


def _batch(sent: bytes, name: str) -> dict[str, Any] | None:
    try:
        asked = orjson.loads(sent)
    except orjson.JSONDecodeError:
        return None
    return asked if isinstance(asked, dict) and isinstance(asked.get(name), list) and asked[name] else None


def _bearing(environ: "WSGIEnvironment", body: bytes) -> "WSGIEnvironment":
    return {**environ, "wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body))}


def _told(
    vendor: str,
    reason: tuple[str, str],
    last: Any,
    data: dict[str, Any],
    status: str,
    headers: spoiled.Headers,
    start: "StartResponse",
) -> Iterable[bytes]:
    name, rows = spoiled.rows_of(data)
    if name and vendor == "marketo":
        data = {**data, name: [*rows, _skipped(reason, rows)]}
    elif name:
        status, data = "207 Multi-Status", _with_error(reason, last, data)
    return spoiled.told(orjson.dumps(data), status, headers, start)


def _skipped(reason: tuple[str, str], rows: list[Any]) -> dict[str, Any]:
    """In its place: rows name nobody. (Adobe's developer docs, "Leads": per-record status and reasons)"""
    place = {"seq": len(rows)} if rows and "seq" in rows[0] else {}
    return {**place, "status": "skipped", "reasons": [{"code": reason[0], "message": reason[1]}]}


def _with_error(reason: tuple[str, str], last: Any, data: dict[str, Any]) -> dict[str, Any]:
    """A multi-status answer. (HubSpot docs, "Error handling")"""
    known = last.get("id") or last.get("flowId") if isinstance(last, dict) else last
    error = {"status": "error", "category": reason[0], "message": reason[1], "context": {"ids": [str(known)]}}
    errors = [*data.get("errors", []), error]
    return {**data, "numErrors": len(errors), "errors": errors}
