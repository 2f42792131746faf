"""A mapping against two schemas: rules ready to run, and every problem of the mapping named at once."""

from collections.abc import Mapping as Dict
from collections.abc import Sequence
from dataclasses import dataclass, field

from mamigrate.findings import Finding, Findings, Severity
from mamigrate.mapping.convert import TEXTS, Problem, Rule
from mamigrate.mapping.model import FieldRule, Mapping, NewField
from mamigrate.model.base import Origin
from mamigrate.model.estate import DataType, Field
from mamigrate.model.kinds import Kind

LONGEST_NEW_TEXT = 255
"""Characters of a text field that is created through an API (Marketo sheet, 5)."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """The rules of one kind. ``apply`` is the hot path: one pass over tuples, no objects but the problems."""

    kind: Kind
    rules: tuple[Rule, ...]
    _steps: tuple[tuple[str, str, int, frozenset[str], Rule], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        steps = tuple((rule.source, rule.target, rule.plain(), rule.passing(), rule) for rule in self.rules)
        object.__setattr__(self, "_steps", steps)

    def apply(self, values: Dict[str, str]) -> tuple[dict[str, str], list[tuple[Rule, Problem]]]:
        """Target values by target API name, and what did not pass."""
        made: dict[str, str] = {}
        failed: list[tuple[Rule, Problem]] = []
        get = values.get
        for source, target, plain, passing, rule in self._steps:
            text = get(source)
            if text is None:
                continue
            if len(text) <= plain or text in passing:
                made[target] = text
                continue
            result = rule.apply(text)
            if isinstance(result, Problem):
                failed.append((rule, result))
            else:
                made[target] = result
        return made, failed


def compile_kind(
    mapping: Mapping, kind: Kind, source: Sequence[Field], target: Sequence[Field], name: str
) -> tuple[Compiled, Findings]:
    """Rules of ``kind`` with findings for names that do not exist, targets used twice, types that lose."""
    found = Findings()
    sources = {field.api_name: field for field in source if field.holder is kind}
    targets = {field.api_name: field for field in target if field.holder is kind}
    rules: list[Rule] = []
    taken: set[str] = set()
    for rule in mapping.rules(kind):
        made = _compile_rule(rule, sources, targets, f"{name}/{kind}/{rule.source}", found)
        if made and made.target in taken:
            found.add("target_used_twice", Severity.BLOCK, f"{name}/{kind}/{rule.source}", field=made.target)
        elif made:
            taken.add(made.target)
            rules.append(made)
    _note_forgotten(mapping, kind, sources, name, found)
    return Compiled(kind, tuple(rules)), found


def _compile_rule(
    rule: FieldRule, sources: Dict[str, Field], targets: Dict[str, Field], subject: str, found: Findings
) -> Rule | None:
    if rule.drop is not None:
        return None
    origin = sources.get(rule.source)
    if origin is None:
        found.add("source_field_unknown", Severity.BLOCK, subject, field=rule.source)
        return None
    if rule.create is not None:
        return _rule(rule, origin, _as_field(rule.create, origin.holder))
    goal = targets.get(rule.to or "")
    if goal is None:
        found.add("target_field_unknown", Severity.BLOCK, subject, field=rule.to or "")
        return None
    if goal.read_only:
        found.add("target_field_read_only", Severity.BLOCK, subject, field=goal.api_name)
        return None
    _note_losses(origin, goal, subject, found)
    return _rule(rule, origin, goal)


def _rule(rule: FieldRule, origin: Field, goal: Field) -> Rule:
    closed = goal.data_type in (DataType.CHOICE, DataType.MULTI_CHOICE) and goal.options
    return Rule(
        source=rule.source,
        target=goal.api_name,
        source_type=origin.data_type,
        target_type=goal.data_type,
        max_chars=goal.max_chars if goal.data_type in TEXTS else None,
        max_bytes=goal.max_bytes if goal.data_type in TEXTS else None,
        options=frozenset(option.value for option in goal.options) if closed else None,
        values=dict(rule.values),
        keep_others=rule.other == "keep",
        too_long=rule.too_long,
        # A field that we create holds nothing of anybody else: where it stands already, an earlier run of ours made it.
        fill_only=rule.on_conflict == "fill" and rule.create is None,
    )


def _as_field(new: NewField, holder: Kind) -> Field:
    origin = Origin(connection="", vendor_type="new", vendor_id=new.name)
    chars = LONGEST_NEW_TEXT if new.type in TEXTS else None
    return Field(
        key=f"{holder}/{new.name}",
        name=new.label,
        origin=origin,
        holder=holder,
        api_name=new.name,
        data_type=new.type,
        max_chars=chars,
        custom=True,
    )


def _note_losses(origin: Field, goal: Field, subject: str, found: Findings) -> None:
    if origin.data_type is goal.data_type or goal.data_type in TEXTS:
        return
    found.add(
        "type_differs",
        Severity.NOTE,
        subject,
        field=goal.api_name,
        source_type=origin.data_type,
        target_type=goal.data_type,
    )


def _note_forgotten(mapping: Mapping, kind: Kind, sources: Dict[str, Field], name: str, found: Findings) -> None:
    named = {rule.source for rule in mapping.rules(kind)}
    for missing in sorted(set(sources) - named):
        found.append(Finding("field_not_in_mapping", Severity.WARN, f"{name}/{kind}/{missing}", {"field": missing}))
