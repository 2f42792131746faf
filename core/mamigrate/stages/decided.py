"""Decisions about one object each: whether what they name is there. A slip in an id leaves its question open."""

from collections.abc import Collection, Iterator, Mapping

import pyarrow as pa

from mamigrate.findings import Severity
from mamigrate.handwritten.text import nearest
from mamigrate.model.kinds import Kind
from mamigrate.settings.decisions import Decision
from mamigrate.snapshot.folder import Snapshot
from mamigrate.stages import crm, former, instances, shrunk, told, tombs
from mamigrate.stages.move import Move

BEGUN = (instances.QUESTION, former.DECISION, crm.QUESTION, shrunk.QUESTION)
"""Questions whose ids go on behind the name that is looked for."""


def check(move: Move, source: Snapshot, target: Snapshot) -> None:
    """A finding for each decision whose object nobody knows. It stops nothing: what it was to decide stays open, and an object
    that was deleted since asks nothing any more."""
    known = _known(move, source, target)
    people: dict[str, Decision] = {}
    for one in move.decisions:
        for question in (each for each in known if one.id.startswith(each)):
            name = one.id.removeprefix(question)
            begin, _, rest = name.partition("/") if question in BEGUN else (name, "", "")
            if begin not in known[question]:
                near = nearest(begin, sorted(known[question]))
                _tell(move, one, f"{question}{near}{f'/{rest}' if rest else ''}" if near else "-")
            elif question == crm.QUESTION and begin == move.source.name:
                people[rest] = one
    for key in sorted(people.keys() - _there(move, source, people)):
        _tell(move, people[key], "-")


def _tell(move: Move, one: Decision, near: str) -> None:
    move.findings.add("decision_unknown", Severity.WARN, move.decisions.where(one.id), id=one.id, near=near)


def _known(move: Move, source: Snapshot, target: Snapshot) -> Mapping[str, Collection[str]]:
    """The names that there are, by how ids begin."""
    connections = {*move.project.file.connections, move.source.name, move.target.name}
    known: dict[str, Collection[str]] = dict.fromkeys(
        ("crm-unknown/", "opt-out-sync/", instances.QUESTION, crm.QUESTION, shrunk.QUESTION), connections
    )
    known |= {"count-short/": [*Kind], former.DECISION: former.fields(move)}
    known[told.DECISION] = [*told.ids(move), *tombs.noted(move.ledger)]
    if connections == {move.source.name, move.target.name}:  # Else an id may be one of another connection.
        known |= dict(_estate(move, source, target))
    return known


def _estate(move: Move, source: Snapshot, target: Snapshot) -> Iterator[tuple[str, Collection[str]]]:
    """By what was read: a kind that was not tells nothing. Where the project moves back too, an id may be of either side."""
    sides = {
        "live/": (target, Kind.WORKFLOW),
        "default-topic/": (target, Kind.TOPIC),
        "asset-class/": (source, Kind.ASSET),
    }
    back = any((run.source, run.target) == (move.target.name, move.source.name) for run in move.ledger.runs())
    for question, (snapshot, kind) in sides.items():
        asked = (source, target) if back else (snapshot,)
        if all(one.has(kind) for one in asked):
            yield question, [thing.key for one in asked for thing in one.estate(kind)]


def _there(move: Move, source: Snapshot, keys: Collection[str]) -> set[str]:
    """Those of the keys that people of the source have; asked once, however many they are."""
    if not keys:
        return set()
    wanted = move.engine.memory(pa.table({"wanted": sorted(keys)}))
    people = move.engine.table(source, Kind.PERSON).semi_join(wanted, [("key", "wanted")])
    return {row["key"] for row in move.engine.rows(people.select("key"))}
