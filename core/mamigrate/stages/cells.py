"""The subscription types of the source that a move judges, with their places on the target."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from mamigrate.mapping.model import TopicRule
from mamigrate.model.estate import Topic
from mamigrate.plan.consent import TopicCell


def cells(topics: Iterable[Topic], now: Sequence[TopicRule], former: Sequence[TopicRule]) -> list[TopicCell]:
    """Active email types with the rules of ``now`` and of ``former`` mappings; one that becomes several has several."""
    found: list[TopicCell] = []
    for t in (topic for topic in topics if topic.active and topic.channel == "email"):
        cell = TopicCell(t.key, t.brand, None, t.asset_class, default_allows=t.default_allows)
        rules = [rule for rule in now if rule.source == t.key]
        found += [replace(cell, rule=rule, untold=at > 0 and rule.purpose != "same") for at, rule in enumerate(rules)]
        found += [] if rules else [cell]
        found += [replace(cell, rule=rule, former=True) for rule in former if rule.source == t.key]
    return found


def placed(cells: Iterable[TopicCell]) -> set[str]:
    """Fields of the target that say where somebody stands. A rule of a type that is not judged fills none."""
    return {cell.rule.target for cell in cells if cell.rule and cell.rule.target}
