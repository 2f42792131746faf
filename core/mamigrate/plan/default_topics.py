"""Subscription types of the target's own that nobody of the source was ever asked about, and that are open by default there.

Whoever is created on the target would be in their audience at once: such a type gets an explicit denial with the record.
"""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from mamigrate.model.estate import Topic


class Unasked(NamedTuple):
    """``closed``: the value that denies, by the field of people that says where somebody stands. ``open``: types that no
    field of people closes."""

    topics: tuple[Topic, ...]
    closed: dict[str, str]
    open: tuple[Topic, ...]


NONE = Unasked((), {}, ())


def unasked(topics: Iterable[Topic], mapped: Collection[str]) -> Unasked:
    """``topics`` are the target's, ``mapped`` the fields that stand for types of the source."""
    found = tuple(topic for topic in topics if _is_open(topic) and topic.field not in mapped)
    closed = {topic.field: "true" for topic in found if topic.field}
    return Unasked(found, closed, tuple(topic for topic in found if not topic.field))


def _is_open(topic: Topic) -> bool:
    """Of one-to-one mail too: nobody said yes to that either."""
    return topic.active and topic.default_allows and topic.channel == "email" and topic.asset_class in ("MKT", "SLS")
