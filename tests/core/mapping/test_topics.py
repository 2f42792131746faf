"""Rules for subscription types: a wrong one would open a type to people who never asked for it."""

from typing import Any

import pytest

from mamigrate.mapping.load import Places
from mamigrate.mapping.model import Mapping, TopicRule
from mamigrate.mapping.topics import check_topics
from mamigrate.model.base import Origin
from mamigrate.model.estate import DataType, Field, Topic

WHERE = Origin(connection="hs", vendor_type="property", vendor_id="x")


def topic(key: str, *, allows: bool = True) -> Topic:
    return Topic(key=key, name=f"Topic {key}", origin=WHERE, brand="0", channel="email", default_allows=allows)


def field(name: str, label: str = "", data_type: DataType = DataType.BOOLEAN) -> Field:
    told = {"key": f"person/{name}", "name": label or name, "origin": WHERE, "holder": "person", "api_name": name}
    return Field.model_validate({**told, "data_type": data_type})


TOPICS = [topic("8"), topic("9"), topic("7", allows=False)]
FIELDS = [field("letters"), field("events"), field("c12", "No marketing"), field("city", data_type=DataType.TEXT)]


def codes(*rules: dict[str, Any], person: tuple[dict[str, Any], ...] = ()) -> list[str]:
    topics = tuple(TopicRule.model_validate(rule) for rule in rules)
    mapping = Mapping.model_validate({"source": "hs", "target": "mk", "person": person, "topics": topics})
    return [one.code for one in check_topics(mapping, TOPICS, FIELDS, Places("mapping.yaml", {}))]


def rule(source: str, to: str, polarity: str = "opt_out", **more: Any) -> dict[str, Any]:
    return {"from": source, "to": to, "polarity": polarity, **more}


@pytest.mark.parametrize(
    ("rules", "found"),
    [
        ([rule("8", "letters")], []),
        ([rule("7", "letters", "opt_in")], []),
        ([rule("7", "letters")], ["topic_polarity_unsafe"]),
        ([rule("8", "c12")], []),
        ([rule("8", "c12", "opt_in")], ["topic_polarity_suspicious"]),
        ([rule("8", "letters"), rule("9", "letters")], []),
        ([rule("8", "letters"), rule("9", "letters", "opt_in")], ["target_used_twice"]),
        ([rule("8", "letters"), rule("8", "letters")], ["mapping_invalid", "target_used_twice"]),
        ([rule("8", "letters"), rule("8", "events")], ["mapping_invalid"]),
        ([rule("5", "letters")], ["source_topic_unknown"]),
        ([rule("8", "nowhere")], ["target_field_unknown"]),
        ([rule("8", "city")], ["topic_field_wrong_type"]),
    ],
)
def test_a_rule_that_could_open_a_type_is_refused(rules: list[dict[str, Any]], found: list[str]) -> None:
    assert codes(*rules) == found


def test_a_field_that_holds_something_else_holds_no_type() -> None:
    assert codes(rule("8", "letters"), person=({"from": "a", "to": "letters"},)) == ["target_used_twice"]
