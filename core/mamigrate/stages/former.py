"""Fields of the target where earlier mappings kept subscription types: who leaves a type leaves it there too, and a field
that means something else now must not turn a no of then into a yes of today."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from mamigrate.findings import Severity
from mamigrate.mapping import model
from mamigrate.mapping.model import TopicRule
from mamigrate.model.estate import Field
from mamigrate.model.kinds import Kind
from mamigrate.stages.move import Move

TOPIC = "topic/"
"""How the names of inputs begin that say where a type was kept: the field and ``#`` with the type follow, the value is its
polarity and the type."""
DECISION = "reuse-field/"
"""How decisions begin that let a field mean something else; the field, ``/`` and its use of now follow."""


@dataclass(frozen=True, slots=True)
class Use:
    """What a field says, of which types (or source fields). ``how``: a polarity, or ``value`` for a plain rule."""

    how: str
    of: frozenset[str]

    def __str__(self) -> str:
        return f"{self.how}:{'+'.join(sorted(self.of))}"


def written(mapping: model.Mapping) -> dict[str, str]:
    """What the ledger notes of a run for those after it."""
    kept = [rule for rule in mapping.topics if rule.target]
    return {f"{TOPIC}{rule.target}#{rule.source}": f"{rule.polarity}/{rule.source}" for rule in kept}


def rules(move: Move, mapping: model.Mapping, target: Sequence[Field]) -> list[TopicRule]:
    """Where runs of this direction wrote subscription types that no rule names any more, and the field still stands."""
    named = {rule.target for rule in mapping.person} | {rule.target for rule in mapping.topics}
    there = {field.api_name for field in target if field.holder is Kind.PERSON and not field.read_only} - named
    found: dict[tuple[str, str], TopicRule] = {}
    for field, polarity, source in noted(move, move.source.name):
        if field in there:
            rule = TopicRule.model_validate({"from": source, "to": field, "polarity": polarity})
            found.setdefault((field, source), rule)
    return list(found.values())


def check(move: Move, mapping: model.Mapping, target: Sequence[Field]) -> None:
    """A finding that blocks for each field that kept a subscription type and means something else now, unless decided."""
    now, there = _uses(mapping), {field.api_name for field in target if field.holder is Kind.PERSON}
    for field, was in _former_uses(move).items():
        use = now.get(field)
        if use is None or field not in there or all(_agrees(use, one) for one in was):
            continue
        id = f"{DECISION}{field}/{use}"
        if move.decisions.choice(id) != "accept":
            told = ", ".join(sorted({str(one) for one in was if not _agrees(use, one)}))
            params = {"field": field, "was": told, "now": str(use), "id": id}
            move.findings.add("topic_field_reused", Severity.BLOCK, f"{move.target.name}/field/{field}", **params)


def _agrees(now: Use, was: Use) -> bool:
    """Whether what stands in a field still means no more than it did. ``was.of`` is empty where another source wrote it.

    A ``true`` that closed one type may close more of them; one that opened a type opens no other.
    """
    if now.how != was.how:
        return False
    if not was.of:
        return True
    return not now.of.isdisjoint(was.of) if now.how == "opt_out" else now.of <= was.of


def _uses(mapping: model.Mapping) -> Mapping[str, Use]:
    plain = {rule.target: Use("value", frozenset({rule.source})) for rule in mapping.person if rule.target}
    of: dict[tuple[str, str], set[str]] = defaultdict(set)
    for rule in mapping.topics:
        if rule.target and rule.polarity:
            of[rule.target, rule.polarity].add(rule.source)
    return plain | {field: Use(polarity, frozenset(types)) for (field, polarity), types in of.items()}


def _former_uses(move: Move) -> Mapping[str, set[Use]]:
    """Every use of a field by one run: of this source with its types, of others with their polarity."""
    uses: dict[str, set[Use]] = defaultdict(set)
    for run, source in _runs(move):
        of: dict[tuple[str, str], set[str]] = defaultdict(set)
        for field, polarity, topic in _topics(move, run):
            of[field, polarity].add(topic if source == move.source.name else "")
        for (field, polarity), types in of.items():
            uses[field].add(Use(polarity, frozenset(types - {""})))
    return uses


def noted(move: Move, source: str) -> Iterator[tuple[str, str, str]]:
    """(field, polarity, type) of runs of a source, newest first."""
    for run, origin in _runs(move):
        if origin == source:
            yield from _topics(move, run)


def fields(move: Move) -> set[str]:
    """Every field of the target where a run of any source kept a type."""
    return {field for run, _ in _runs(move) for field, _, _ in _topics(move, run)}


def _topics(move: Move, run: str) -> Iterator[tuple[str, str, str]]:
    for name, value in move.ledger.inputs(run).items():
        if name.startswith(TOPIC):
            polarity, _, topic = value.partition("/")
            yield name.removeprefix(TOPIC).partition("#")[0], polarity, topic


def _runs(move: Move) -> list[tuple[str, str]]:
    """Runs that may have left something in fields of this target, newest first, with their sources.

    One that wrote nothing counts where it ended well: people of the target may have used its fields since.
    """
    into = (run for run in move.ledger.runs() if run.target == move.target.name and run.id != move.run_id)
    ended = ((run, run.command != "plan" and run.status == "done") for run in into)
    return [(run.id, run.source) for run, well in ended if well or move.ledger.wrote(run.id)]
