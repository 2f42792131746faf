"""The control API of a running sandbox: look inside, move its clock, set faults and switches. No vendor has this."""

from collections.abc import Callable, Collection, Iterator
from typing import Any

import flask
import orjson

from mamigrate_sandbox.clock import SandboxClock
from mamigrate_sandbox.faults import Faults, Rule
from mamigrate_sandbox.store import Store

_PLAIN = ("sends", "enrolments", "crm_pushes")


Leave = Callable[[str, str], None]
"""Somebody leaves: the address, and a subscription type or field, empty for everything. Raises KeyError where there is none."""


def create(
    store: Store, clock: SandboxClock, faults: Faults, leave: Leave, beside: Collection[SandboxClock] = ()
) -> flask.Flask:
    """``beside`` are the clocks of other sandboxes that run with this one: they are moved together. Routes: ``GET /state`` and ``/state/{kind}`` (JSON Lines; ``?links=1`` for links), ``GET /counters``,
    ``GET|POST /clock``, ``POST|DELETE /faults``, ``GET|POST /switches``, ``POST /optouts``."""
    app = flask.Flask("mamigrate_sandbox.control", static_folder=None)

    @app.get("/state")
    def kinds() -> flask.Response:
        return _json({"documents": store.kinds(), "links": store.link_kinds()})

    @app.get("/state/<path:kind>")
    def state(kind: str) -> flask.Response:
        rows = _links(store, kind) if flask.request.args.get("links") else _documents(store, kind)
        return flask.Response(rows, mimetype="application/x-ndjson")

    @app.get("/counters")
    def counters() -> flask.Response:
        return _json(tally(store) | {"faults": faults.hits})

    @app.get("/clock")
    def now() -> flask.Response:
        return _json({"now": clock.now().isoformat(), "speed": clock.speed})

    @app.post("/clock")
    def advance() -> flask.Response:
        seconds = float(_sent()["advance_s"])
        for each in (clock, *beside):
            each.advance(seconds)
        return now()

    @app.post("/faults")
    def arm() -> flask.Response:
        wish = _sent()
        rules = [Rule.of(each) for each in wish.get("rules", [])]
        faults.set(rules, int(wish.get("seed", 7)))
        return _json({"rules": len(rules)})

    @app.delete("/faults")
    def disarm() -> flask.Response:
        faults.set((), 0)
        return _json({"rules": 0})

    @app.get("/switches")
    def switches() -> flask.Response:
        return _json({"switches": store.setting("switches", {}), "crm": store.setting("crm", {})})

    @app.post("/switches")
    def switch() -> flask.Response:
        """``crm`` sets the CRM link (``attached``, ``sync``); every other name is a switch of the vendor; null: default."""
        wish = _sent()
        link = _link(wish.pop("crm", {}))
        if "crm_attached" in wish:  # The same thing by its other name: one of them is kept.
            link = {"attached": _is(wish["crm_attached"] or False, bool, "crm_attached"), **link}
            wish["crm_attached"] = None
        if link:
            store.set("crm", store.setting("crm", {}) | link)
        kept = {name: value for name, value in (store.setting("switches", {}) | wish).items() if value is not None}
        store.set("switches", kept)
        return switches()

    @app.post("/optouts")
    def opt_out() -> flask.Response:
        """``{"address", "topic"}`` as somebody does it on the vendor's own pages."""
        wish = _sent()
        with store.transaction():
            leave(str(wish["address"]), str(wish.get("topic") or ""))
        return _json({"left": str(wish.get("topic") or "everything")})

    @app.errorhandler(KeyError)
    @app.errorhandler(TypeError)
    @app.errorhandler(ValueError)
    def refused(error: Exception) -> tuple[flask.Response, int]:
        told = str(error.args[0]) if error.args else type(error).__name__
        return _json({"error": f"{told} is missing" if isinstance(error, KeyError) else told}), 400

    return app


def tally(store: Store) -> dict[str, Any]:
    """Calls by endpoint, and what must not happen while loading: sends, enrolments, pushes into a CRM."""
    found = store.counters()
    calls = {name.removeprefix("call/"): n for name, n in found.items() if name.startswith("call/")}
    rest = {name: n for name, n in found.items() if not name.startswith("call/")}
    return {"calls": calls, **{name: 0 for name in _PLAIN}, **rest}


def _documents(store: Store, kind: str) -> Iterator[bytes]:
    for id, body in store.all(kind):
        yield orjson.dumps({"id": id, "body": body}) + b"\n"


def _links(store: Store, kind: str) -> Iterator[bytes]:
    for a, b, body in store.all_links(kind):
        yield orjson.dumps({"a": a, "b": b, "body": body}) + b"\n"


def _sent() -> dict[str, Any]:
    body = orjson.loads(flask.request.get_data() or b"{}")
    if not isinstance(body, dict):
        raise TypeError("a JSON object is wanted")
    return body


def _link(wish: object) -> dict[str, Any]:
    """What is wished of the CRM link. Raises TypeError and ValueError in words."""
    told = 'crm takes {"attached": true or false, "sync": "on" or "paused"}'
    if not isinstance(wish, dict) or not set(wish) <= {"attached", "sync"}:
        raise TypeError(told)
    if "attached" in wish:
        _is(wish["attached"], bool, "crm.attached")
    if wish.get("sync", "on") not in ("on", "paused"):
        raise ValueError(told)
    return wish


def _is(value: Any, of: type, name: str) -> Any:
    if not isinstance(value, of):
        raise TypeError(f"{name} takes true or false")
    return value


def _json(body: object) -> flask.Response:
    return flask.Response(orjson.dumps(body, option=orjson.OPT_INDENT_2), mimetype="application/json")
