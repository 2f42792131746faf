"""Fields of the target where earlier mappings kept subscription types: who leaves a type leaves it there too."""

from collections.abc import Sequence

from mamigrate.mapping.model import Mapping, TopicRule
from mamigrate.model.estate import Field
from mamigrate.model.kinds import Kind
from mamigrate.stages.move import Move

TOPIC = "topic/"
"""How the names of inputs begin that say where a type was kept: the field and ``#`` with the type follow, the value is its
polarity and the type."""


def written(mapping: Mapping) -> dict[str, str]:
    """What the ledger notes of a run for those after it."""
    kept = [rule for rule in mapping.topics if rule.target]
    return {f"{TOPIC}{rule.target}#{rule.source}": f"{rule.polarity}/{rule.source}" for rule in kept}


def rules(move: Move, mapping: Mapping, target: Sequence[Field]) -> list[TopicRule]:
    """Where runs of this direction wrote subscription types that no rule names any more, and the field still stands."""
    named = {rule.target for rule in mapping.person} | {rule.target for rule in mapping.topics}
    there = {field.api_name for field in target if field.holder is Kind.PERSON and not field.read_only} - named
    found: dict[tuple[str, str], TopicRule] = {}
    for name, value in _noted(move):
        field, (polarity, _, source) = name.removeprefix(TOPIC).partition("#")[0], value.partition("/")
        if field in there:
            rule = TopicRule.model_validate({"from": source, "to": field, "polarity": polarity})
            found.setdefault((field, source), rule)
    return list(found.values())


def _noted(move: Move) -> list[tuple[str, str]]:
    """Newest first."""
    own = (run for run in move.ledger.runs() if (run.source, run.target) == move.direction)
    inputs = (move.ledger.inputs(run.id) for run in own if move.ledger.wrote(run.id))
    return [(name, value) for one in inputs for name, value in one.items() if name.startswith(TOPIC)]
