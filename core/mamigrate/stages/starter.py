"""The text of a proposed mapping file: a starter with comments for the people who edit it."""

from functools import cache
from typing import Any

import jinja2

from mamigrate.mapping.model import FieldRule, Mapping, TopicRule
from mamigrate.mapping.propose import Proposal
from mamigrate.model.kinds import Kind


def render(mapping: Mapping, known: Proposal) -> str:
    """YAML that ``mapping.load`` reads back to ``mapping``."""
    sections = [
        (kind, [_rule(rule, known, kind) for rule in mapping.rules(kind)])
        for kind in (Kind.PERSON, Kind.ACCOUNT, Kind.OPPORTUNITY)
    ]
    topics = [_topic(rule) for rule in mapping.topics]
    return environment().get_template("starter.yaml.j2").render(mapping=mapping, sections=sections, topics=topics)


def _rule(rule: FieldRule, known: Proposal, kind: Kind) -> dict[str, Any]:
    label = next((f.name for f in known.source if f.holder is kind and f.api_name == rule.source), "")
    return {
        "yaml": flow(rule.model_dump(by_alias=True, exclude_defaults=True, mode="json")),
        "label": label.replace("\n", " "),
        "filled": known.filled.get(kind, {}).get(rule.source, 0),
    }


def _topic(rule: TopicRule) -> str:
    return flow(rule.model_dump(by_alias=True, exclude_defaults=True, mode="json") | {"polarity": rule.polarity})


def flow(value: Any) -> str:
    """One line of YAML; JSON is YAML, and its quoting is safe."""
    import json

    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {flow(inner)}" for key, inner in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False)


@cache
def environment() -> jinja2.Environment:
    """Of the templates of files that people edit."""
    loader = jinja2.PackageLoader("mamigrate_templates", "mapping")
    return jinja2.Environment(loader=loader, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True)
