"""The fault mix that is asked of a gate, row by row: what plays it, or why nothing does yet."""

from collections.abc import Mapping
from typing import NamedTuple

from mamigrate_sandbox.simulation import troubles
from mamigrate_sandbox.simulation.outages import SCRIPTS


class Row(NamedTuple):
    """``kinds`` of faults and ``scripts`` of outages play it in worlds or in tests of their own, ``tests`` beside them; ``why``
    nothing does, where that is so.
    """

    kinds: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    why: str = ""


MIX: Mapping[str, Row] = {
    "too many calls": Row(("throttle",)),
    "trouble of a server": Row(("status", "refuse")),
    "cut before anything is processed": Row(("reset",)),
    "carried out, and the reply is lost": Row(("lost", "applied")),
    "silence and drops": Row(("latency", "trickle"), tests=("tests/core/http/test_trickles.py",)),
    "a failure in a good status": Row(("refuse", "skipped")),
    "holes and disorder in a batch": Row(("skipped", "missing", "twice", "shuffled")),
    "reads behind writes": Row(("stale",)),
    "a token or a permission is over": Row(("expired", "scope"), ("every token is refused", "a permission is gone")),
    "pages that lapse, loop or shrink": Row(("lapsed", "looped", "shrunk")),
    "gone or edited between a list and a read": Row(("gone",), tests=("tests/adapters/hubspot/test_holes.py",)),
    "merged between a list and a read": Row(
        why="HubSpot answers for a merged id with the record it went into; no world merges"
    ),
    "bodies that are none": Row(("torn", "garbled", "marked", "status")),
    "texts in another encoding": Row(tests=("tests/adapters/hubspot/test_malformed.py",)),
    "files that do not hold what their job says": Row(
        why="no file of a bulk job is read: people are looked up in batches"
    ),
    "another shape or word": Row(("nulled", "texted", "renamed")),
    "messages of a vendor, twice, forged or late": Row(why="no webhook is received"),
    "errors of Salesforce in a good status": Row(why="there is no adapter for Salesforce"),
    "automation takes a write back": Row(tests=("tests/end_to_end/test_census.py",)),
    "bombs": Row(tests=("tests/core/http/test_bombs.py",)),
    "hard down": Row(("down",), ("the source down for two hours", "the target down for two hours")),
    "flapping": Row(("status",), ("flapping for a quarter of an hour",)),
    "reads work and writes fail": Row(("status",), ("reads work and writes fail",)),
    "one endpoint only": Row(("status",), ("one endpoint fails",)),
    "no name": Row(("unnamed",), ("no name is found",)),
    "no certificate": Row(("unsafe",), ("a certificate is over",)),
    "the quota is gone": Row(("quota",), ("the quota is gone at eleven",)),
}

ALONE = frozenset({"gone", "renamed"})
"""Kinds that change what is true or what is known of consent: a world with faults alone would rightly end otherwise."""
TROUBLES = frozenset(rule.kind for vendor in ("hubspot", "marketo") for rule in troubles.of(vendor))
IN_WORLDS = frozenset(TROUBLES | {rule.kind for script in SCRIPTS.values() for rule in script.rules})
