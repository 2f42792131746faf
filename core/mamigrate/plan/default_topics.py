"""Subscription types of the target's own that nobody of the source was ever asked about, and that are open by default there.

Whoever is created on the target would be in their audience at once: such a type gets an explicit denial with the record. And
what somebody denied of everything reaches it too, also where a later yes to a type of the source ended the rest.
"""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from mamigrate.consent.scope import ALL, OWN
from mamigrate.mapping.model import TopicRule
from mamigrate.model.estate import Topic
from mamigrate.plan.consent import TopicCell


class Unasked(NamedTuple):
    """``closed``: the value that denies, by the field of people that says where somebody stands. ``open``: types that no
    field of people closes."""

    topics: tuple[Topic, ...]
    closed: dict[str, str]
    open: tuple[Topic, ...]

    @property
    def cells(self) -> list[TopicCell]:
        """Those that a field closes, as cells of no brand of the source."""
        return [_cell(topic) for topic in self.topics if topic.field]

    @property
    def names(self) -> dict[str, str]:
        """What the target calls them, by the key of the cell."""
        return {f"{OWN}{topic.key}": topic.name for topic in self.topics}


NONE = Unasked((), {}, ())


def unasked(topics: Iterable[Topic], mapped: Collection[str]) -> Unasked:
    """``topics`` are the target's, ``mapped`` the fields that stand for types of the source."""
    found = tuple(topic for topic in topics if _is_open(topic) and topic.field not in mapped)
    closed = {topic.field: "true" for topic in found if topic.field}
    return Unasked(found, closed, tuple(topic for topic in found if not topic.field))


def _cell(topic: Topic) -> TopicCell:
    rule = TopicRule.model_validate({"from": f"{OWN}{topic.key}", "to": topic.field, "polarity": "opt_out"})
    return TopicCell(rule.source, ALL, rule, topic.asset_class, default_allows=False, own=True)


def _is_open(topic: Topic) -> bool:
    """Of one-to-one mail too: nobody said yes to that either."""
    return topic.active and topic.default_allows and topic.channel == "email" and topic.asset_class in ("MKT", "SLS")
