"""The sandboxes: routes of their control API, faults, switches, estates."""

import ast
import inspect
import json
import time
from dataclasses import fields
from typing import get_args

from listings.table import code, prose, table
from mamigrate_sandbox import control as control_api
from mamigrate_sandbox import faults as fault_layer
from mamigrate_sandbox.clock import SandboxClock
from mamigrate_sandbox.estates.catalogue import ESTATES, FILLED_FROM, WORLDS
from mamigrate_sandbox.hubspot import switches as hubspot
from mamigrate_sandbox.marketo import switches as marketo
from mamigrate_sandbox.store import Store

ROUTES = {
    "GET /state": "kinds of documents and links, with their numbers",
    "GET /state/<path:kind>": "the documents of a kind as JSON Lines; with `?links=1` the links of that kind",
    "GET /counters": "calls by route; mails sent, enrolments, pushes into a CRM; faults that hit",
    "GET /clock": "the sandbox's time and its speed",
    "POST /clock": 'push the clock ahead: `{"advance_s": 86400}`; those of sandboxes that were started together move with it',
    "POST /faults": 'arm faults: `{"rules": [...], "seed": 7}`',
    "DELETE /faults": "disarm them",
    "POST /optouts": 'somebody leaves on the vendor\'s own pages: `{"address": "a@x.example", "topic": "9001"}`; no topic: all; on Marketo the topic is the name of a field, such as `mmNoTopic9001`',
    "GET /switches": "switches that differ from their defaults, and the CRM link",
    "POST /switches": "set switches by name; `null` restores a default; `crm` sets the CRM link",
}

FAULTS = {
    "status": "answer with `status`, `headers` and `body`; nothing is processed",
    "throttle": "the vendor's own answer to too many calls",
    "quota": "the vendor's own answer when the calls of a day are used up",
    "expired": "the vendor's own answer to an access token that is over",
    "scope": "the vendor's own answer where a permission is missing",
    "lapsed": "the vendor's own answer to the token of a page that is over; with `paged`",
    "refuse": "HTTP 200 with a failing `code` and `message`, Marketo's way",
    "reset": "cut the connection before anything is processed",
    "down": "nobody listens: no connection comes about (over a socket: cut)",
    "unnamed": "no host has the name (over a socket: cut)",
    "unsafe": "the certificate is over (over a socket: cut)",
    "lost": "process the call, then cut the connection without an answer",
    "applied": "process the call, then answer with `status`, `headers` and `body`",
    "missing": "process the call, and leave the last row of the answer out",
    "twice": "process the call, and answer with the last row twice",
    "shuffled": "process the call, and answer with the rows in reverse order",
    "skipped": "process all records of a batch but the last, which is refused with `code` and `message`",
    "gone": "process all records of a batch but the last, which is not there any more",
    "looped": "process the call, and name the page itself as the next; with `paged`",
    "shrunk": "answer as if a third of the page's size had been asked for",
    "torn": "process the call, and break the body off",
    "garbled": "process the call, and break the body off inside its gzip",
    "marked": "process the call, and begin the body with a byte order mark",
    "nulled": "process the call, and answer with null for the rows",
    "texted": "process the call, and answer with numbers as texts",
    "renamed": "process the call, and answer with statuses of rows in a word that is new",
    "stale": "answer as of `seconds` ago (Marketo: people that are looked up)",
    "trickle": "answer with a byte a second for `seconds`, then the rest",
    "latency": "wait `seconds` of the sandbox's time, then answer as usual",
}

ABOUT = {
    "messy": "a company of a thousand traps: doubled people, opt-outs in five places, bad values, dead workflows",
    "clean": "a small tidy company, for tutorials",
    "lived": "a platform in use: its own fields and programs, a few of the same people, some opted out",
    "twin": "the same messy company on every vendor",
    "huge": "messy people and their activities alone, for measuring",
    "empty": "the vendor's own fields and settings, nothing else",
}


def _nobody(address: str, topic: str) -> None:
    """Nobody leaves while routes are listed."""


def control() -> str:
    """Raises KeyError for a route that nothing is said of."""
    store = Store(None)
    app = control_api.create(store, SandboxClock(store), fault_layer.Faults(_nothing, "hubspot", time.sleep), _nobody)
    found = sorted(
        f"{method} {rule.rule}"
        for rule in app.url_map.iter_rules()
        for method in rule.methods or ()
        if method in ("GET", "POST", "DELETE")
    )
    store.close()
    return table(("route", "what it does"), ((code(name.replace("path:", "")), ROUTES[name]) for name in found))


def faults() -> str:
    kinds = get_args(fault_layer.Rule.__dataclass_fields__["kind"].type)
    keys = ", ".join(code(one.name) for one in fields(fault_layer.Rule))
    listed = table(("kind", "what happens"), ((code(kind), FAULTS[kind]) for kind in kinds))
    return f"{listed}\n\nKeys of a rule: {keys}."


def switches() -> str:
    """Both vendors' switches with their defaults and meanings."""
    ours = ((code(name), _json(default), says) for name, default, says in _hubspot())
    theirs = ((code(name), _json(one.default), one.meaning) for name, one in marketo.SWITCHES.items())
    head = ("switch", "default", "meaning")
    return f"### HubSpot\n\n{table(head, ours)}\n\n### Marketo\n\n{table(head, theirs)}"


def _hubspot() -> list[tuple[str, object, str]]:
    """Name, default and the text below each attribute."""
    tree = ast.parse(inspect.getsource(hubspot.Switches)).body[0]
    assert isinstance(tree, ast.ClassDef)
    defaults = {one.name: one.default for one in fields(hubspot.Switches)}
    found: dict[str, str] = {}
    last = ""
    for node in tree.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            last = node.target.id
            found[last] = ""
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and last:
            found[last] = prose(str(node.value.value))
    return [(name, defaults[name], says) for name, says in found.items()]


def _json(value: object) -> str:
    """As the control API takes it."""
    return code(json.dumps(list(value) if isinstance(value, tuple) else value))


def estates() -> str:
    rows = [(code(name), ABOUT[name]) for name in (*WORLDS, *(one for one in ESTATES if one not in WORLDS))]
    filled = {"data": "recordings and tables of others, where you have such", "snapshot": "a snapshot's landed pages"}
    rows += [(code(f"{word}:FOLDER"), filled[word]) for word in FILLED_FROM]
    return table(("estate", "what it holds"), rows)


def _nothing(environ: object, start: object) -> list[bytes]:
    return []
