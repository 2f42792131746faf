"""The rules for subscription types against both schemas: a wrong one opens a type to people who never asked for it."""

from collections.abc import Mapping as Dict
from collections.abc import Sequence

from mamigrate.findings import Findings, Severity
from mamigrate.mapping.allowed import UNTOUCHED, Untouched, is_new, is_ours, may_fill, near
from mamigrate.mapping.columns import says_no
from mamigrate.mapping.compile import as_field
from mamigrate.mapping.load import Places
from mamigrate.mapping.model import Mapping, TopicRule
from mamigrate.model.estate import DataType, Field, Topic
from mamigrate.model.kinds import Kind


def check_topics(
    mapping: Mapping, topics: Sequence[Topic], target: Sequence[Field], places: Places, untouched: Untouched = UNTOUCHED
) -> Findings:
    """Everything wrong with the rules of ``mapping.topics``; each finding's subject is the place in the file."""
    found = Findings()
    known = {topic.key: topic for topic in topics}
    fields = {field.api_name: field for field in target if field.holder is Kind.PERSON}
    taken = {rule.target for rule in mapping.person if rule.target}
    holding: dict[str, TopicRule] = {}
    seen: set[str] = set()
    for at, rule in enumerate(mapping.topics):
        _check_type(rule, known, seen, places, at, found)
        seen.add(rule.source)
        if rule.target is None:
            continue
        where = places("topics", at, "to" if rule.to else "create")
        first = holding.setdefault(rule.target, rule)
        if rule.target in taken or not _joined(first, rule):
            found.add("target_used_twice", Severity.BLOCK, where, field=rule.target)
        elif rule is first:
            _check_field(rule, fields, untouched, where, found)
    return found


def _joined(first: TopicRule, rule: TopicRule) -> bool:
    """Whether two rules may share a field: of two types, and the field says the same of both."""
    same = (first.polarity, first.to, first.create) == (rule.polarity, rule.to, rule.create)
    return rule is first or (same and first.source != rule.source)


def _check_type(
    rule: TopicRule, known: Dict[str, Topic], seen: set[str], places: Places, at: int, found: Findings
) -> None:
    where = places("topics", at, "from")
    topic = known.get(rule.source)
    if topic is None:
        found.add("source_topic_unknown", Severity.BLOCK, where, topic=rule.source, near=near(rule.source, known))
    elif rule.source in seen and (rule.purpose is None or rule.target is None):
        problem = 'another rule already says where this subscription type goes: say with "purpose" whether people were told of both'
        found.add("mapping_invalid", Severity.BLOCK, where, problem=problem, value=rule.source)
    elif not topic.default_allows and rule.target and rule.polarity == "opt_out":
        # Whoever is not on record there is not mailed; an empty opt-out field would let them be.
        found.add("topic_polarity_unsafe", Severity.BLOCK, places("topics", at, "polarity"), topic=rule.source)


def _check_field(rule: TopicRule, fields: Dict[str, Field], untouched: Untouched, where: str, found: Findings) -> None:
    name = rule.target or ""
    there = goal = fields.get(name)
    if goal is None and rule.create is None:
        found.add("target_field_unknown", Severity.BLOCK, where, field=name, near=near(name, fields))
        return
    if goal is None and rule.create and is_new(name, fields, where, found):
        goal = as_field(rule.create, Kind.PERSON)
    if goal is None or not may_fill(goal, None, untouched, where, found):
        return
    if there and rule.create and not is_ours(rule.create, there, untouched, where, found):
        return
    if goal.data_type is not DataType.BOOLEAN:
        found.add("topic_field_wrong_type", Severity.BLOCK, where, field=name, type=goal.data_type)
    # A field that is made here has the subscription type's name as its label, whatever that speaks of.
    names = (goal.api_name,) if rule.create else (goal.api_name, goal.name)
    if rule.polarity == "opt_in" and any(map(says_no, names)):
        found.add("topic_polarity_suspicious", Severity.BLOCK, where, field=name)
