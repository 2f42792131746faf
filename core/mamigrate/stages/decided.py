"""Decisions about one object each: whether what they name is there. A slip in an id leaves its question open."""

from collections.abc import Collection, Iterator, Mapping

from mamigrate.findings import Severity
from mamigrate.handwritten.text import nearest
from mamigrate.model.kinds import Kind
from mamigrate.settings.decisions import Decision
from mamigrate.snapshot.folder import Snapshot
from mamigrate.stages import crm, former, instances, told, tombs
from mamigrate.stages.move import Move

BEGUN = (instances.QUESTION, former.DECISION, crm.QUESTION)
"""Questions whose ids go on behind the name that is looked for."""


def check(move: Move, source: Snapshot, target: Snapshot) -> None:
    """A finding for each decision whose object nobody knows. It stops nothing: what it was to decide stays open, and an object
    that was deleted since asks nothing any more."""
    known = _known(move, source, target)
    for one in move.decisions:
        for question in (each for each in known if one.id.startswith(each)):
            name = one.id.removeprefix(question)
            begin, _, rest = name.partition("/") if question in BEGUN else (name, "", "")
            if begin not in known[question]:
                near = nearest(begin, sorted(known[question]))
                _tell(move, one, f"{question}{near}{f'/{rest}' if rest else ''}" if near else "-")
            elif question == crm.QUESTION and begin == move.source.name and not _is_there(move, source, rest):
                _tell(move, one, "-")


def _tell(move: Move, one: Decision, near: str) -> None:
    move.findings.add("decision_unknown", Severity.WARN, move.decisions.where(one.id), id=one.id, near=near)


def _known(move: Move, source: Snapshot, target: Snapshot) -> Mapping[str, Collection[str]]:
    """The names that there are, by how ids begin."""
    connections = {*move.project.file.connections, move.source.name, move.target.name}
    known: dict[str, Collection[str]] = dict.fromkeys(
        ("crm-unknown/", "opt-out-sync/", instances.QUESTION, crm.QUESTION), connections
    )
    known |= {"count-short/": [*Kind], former.DECISION: former.fields(move), told.DECISION: told.ids(move)}
    known[told.DECISION] = [*told.ids(move), *tombs.noted(move.ledger)]
    if connections == {move.source.name, move.target.name}:  # Else an id may be one of another connection.
        known |= dict(_estate(source, target))
    return known


def _estate(source: Snapshot, target: Snapshot) -> Iterator[tuple[str, Collection[str]]]:
    """By what was read: a kind that was not tells nothing."""
    sides = {
        "live/": (target, Kind.WORKFLOW),
        "default-topic/": (target, Kind.TOPIC),
        "asset-class/": (source, Kind.ASSET),
    }
    for question, (snapshot, kind) in sides.items():
        if snapshot.has(kind):
            yield question, [one.key for one in snapshot.estate(kind)]


def _is_there(move: Move, source: Snapshot, person: str) -> bool:
    people = move.engine.table(source, Kind.PERSON)
    return bool(move.engine.rows(people.filter(people.key == person).select("key")))
