"""One account: its store, its clock, what a request brought, how an answer looks."""

import uuid
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar, cast

import flask
import orjson

from mamigrate_sandbox.clock import Ticking
from mamigrate_sandbox.hubspot import switches
from mamigrate_sandbox.hubspot.lag import Lag
from mamigrate_sandbox.hubspot.refusals import Refusal, invalid, missing_attributes, unbound
from mamigrate_sandbox.store import Body, Store

Answer = Body | tuple[Body, int] | tuple[str, int] | flask.Response
T = TypeVar("T")
NOTHING = ("", 204)


class Portal:
    """What every route works with. Threads share it; the store does the locking."""

    def __init__(self, store: Store, clock: Ticking) -> None:
        self.store, self.clock = store, clock
        self.lag = Lag(clock)

    def once(self, key: str, make: Callable[[], T]) -> T:
        """Made once a request; outside of requests, each time."""
        if not flask.has_request_context():
            return make()
        if key not in flask.g:
            setattr(flask.g, key, make())
        return cast(T, flask.g.get(key))

    @property
    def switches(self) -> switches.Switches:
        return self.once("switches", lambda: switches.read(self.store))

    @property
    def facts(self) -> Body:
        return dict(self.store.setting("portal", {}))

    @property
    def id(self) -> int:
        return int(self.facts.get("portalId", 1))

    def now(self) -> datetime:
        """One moment for all that a request does."""
        return self.once("now", self.clock.now)

    def stamp(self) -> str:
        """Now, as HubSpot writes a time."""
        return iso(self.now())

    def millis(self) -> int:
        return int(self.now().timestamp() * 1000)

    def uuid(self) -> str:
        """A new GUID; the same in the same order, so that a seeded sandbox repeats itself."""
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self.id}/{self.store.next_id('guid')}"))


def here() -> Portal:
    """The portal of the application that serves this request."""
    return cast(Portal, flask.current_app.extensions["portal"])


def iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def millis_of(text: str) -> int:
    return int(moment(text).timestamp() * 1000)


def from_millis(ms: int) -> str:
    return iso(datetime.fromtimestamp(ms / 1000, UTC))


# --- what a request brought -----------------------------------------------------------------------------------------


def sent(*required: str, what: str = "Request") -> Body:
    """The JSON object of the request. Raises 415 for another content type and 400 when it does not bind."""
    body = sent_any()
    if not isinstance(body, dict):
        raise unbound(f"Cannot build {what} from an array")
    absent = [name for name in required if body.get(name) is None]
    if absent:
        raise missing_attributes(what, absent)
    return body


def sent_any() -> Any:
    request = flask.request
    if request.get_data() and request.mimetype not in ("application/json", ""):
        raise Refusal(415, "VALIDATION_ERROR", f"Unsupported media type {request.mimetype}")
    try:
        return orjson.loads(request.get_data() or b"{}")
    except orjson.JSONDecodeError as broken:
        raise unbound(str(broken)) from broken


def inputs(what: str, *, most: int = 100) -> list[Any]:
    """The ``inputs`` of a batch."""
    rows = sent("inputs", what=what)["inputs"]
    if not isinstance(rows, list):
        raise unbound(f"Cannot build {what}, inputs is not an array")
    if len(rows) > most:
        raise invalid(f"The maximum number of inputs supported in a batch request is {most}. You passed {len(rows)}")
    return rows


def words(name: str) -> list[str]:
    """A query parameter that may be repeated or comma-separated."""
    return [word for text in flask.request.args.getlist(name) for word in text.split(",") if word]


def number(name: str, default: int, most: int, least: int = 1) -> int:
    text = flask.request.args.get(name, "")
    value = default if not text else int(text) if text.lstrip("-").isdigit() else -1
    if not least <= value <= most:
        raise invalid(f"Invalid value for {name}: {text}. It must be between {least} and {most}")
    return value


def flag(name: str) -> bool:
    return flask.request.args.get(name, "").lower() == "true"


# --- how an answer looks ----------------------------------------------------------------------------------------------


def paged(rows: Sequence[Body], after: str | None, **more: Any) -> Body:
    """A collection; ``paging`` is absent on the last page."""
    body: Body = {**more, "results": list(rows)}
    if after is not None:
        body["paging"] = {"next": {"after": after, "link": f"{flask.request.base_url}?after={after}"}}
    return body


def listed(rows: Iterable[Body], default: int = 100, most: int = 100, *, total: bool = False) -> Body:
    """A page cut out of rows by ``limit`` and an offset in ``after``."""
    found, limit, start = list(rows), number("limit", default, most), number("after", 0, 10**9, 0)
    end = start + limit
    more = {"total": len(found)} if total else {}
    return paged(found[start:end], str(end) if end < len(found) else None, **more)


def batch(results: Sequence[Body], errors: Sequence[Body] = (), *, ok: int = 200) -> Answer:
    """A batch's answer: 207 when some inputs failed."""
    now = here().stamp()
    body: Body = {"status": "COMPLETE", "results": list(results), "startedAt": now, "completedAt": now}
    if not errors:
        return body, ok
    body.update(numErrors=len(errors), errors=list(errors))
    return body, 207
