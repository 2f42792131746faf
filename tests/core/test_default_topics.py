"""Subscription types that a target opens by itself: which are closed with a record, and which stop the move."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from mamigrate.findings import Findings, Severity
from mamigrate.model.base import Origin
from mamigrate.model.estate import Topic
from mamigrate.plan import default_topics
from mamigrate.stages import gate


def topic(key: str, **more: Any) -> Topic:
    origin = Origin(connection="new", vendor_type="topic", vendor_id=key)
    common: dict[str, Any] = {"key": key, "name": key.title(), "origin": origin, "raw": {}}
    return Topic.model_validate({**common, "brand": "main", "channel": "email", "default_allows": True, "field": f"opt_out_{key}", **more})  # fmt: skip


@pytest.mark.parametrize(
    ("one", "closed"),
    [
        (topic("partner"), {"opt_out_partner": "true"}),
        (topic("pitch", asset_class="SLS"), {"opt_out_pitch": "true"}),
        (topic("press", default_allows=False), {}),
        (topic("gone", active=False), {}),
        (topic("text", channel="sms"), {}),
        (topic("invoice", asset_class="TXN"), {}),
        (topic("news"), {}),
    ],
)
def test_only_what_opens_by_itself_and_nobody_was_asked_about_is_closed(one: Topic, closed: dict[str, str]) -> None:
    assert default_topics.unasked([one], {"opt_out_news"}).closed == closed


def looked(unasked: default_topics.Unasked, choice: str | None) -> list[tuple[str, Severity]]:
    decisions = SimpleNamespace(choice=lambda id: choice, get=lambda id: None)
    move = SimpleNamespace(findings=Findings(), decisions=decisions, target=SimpleNamespace(name="new"))
    gate._unasked_topics(cast(Any, move), cast(Any, SimpleNamespace(unasked=unasked)))
    return [(one.code, one.severity) for one in move.findings]


@pytest.mark.parametrize(
    ("choice", "said"), [(None, [("default_topic_open", Severity.BLOCK)]), ("refuse", [("default_topic_open", Severity.BLOCK)]), ("accept", [])]
)  # fmt: skip
def test_what_no_field_closes_stops_until_decided(choice: str | None, said: list[tuple[str, Severity]]) -> None:
    assert looked(default_topics.unasked([topic("partner", field="")], ()), choice) == said


def test_what_a_field_closes_is_told() -> None:
    assert looked(default_topics.unasked([topic("partner")], ()), None) == [("default_topic_closed", Severity.NOTE)]
