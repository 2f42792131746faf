"""A mapping against two schemas: rules ready to run, and every problem of the mapping named at once."""

from collections.abc import Callable, Sequence
from collections.abc import Mapping as Dict
from dataclasses import dataclass, field

from mamigrate.findings import Finding, Findings, Severity
from mamigrate.mapping.allowed import UNTOUCHED, Untouched, is_new, is_ours, may_fill, near
from mamigrate.mapping.convert import TEXTS, Problem, Rule
from mamigrate.mapping.load import Places
from mamigrate.mapping.model import FieldRule, Mapping, NewField
from mamigrate.model.base import Origin
from mamigrate.model.estate import DataType, Field
from mamigrate.model.kinds import Kind

LONGEST_NEW_TEXT = 255
"""Bytes of a text field that is created through an API (Marketo: Create Lead Fields; the unit is a doubt, bytes are safe)."""


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
        """Target values by target API name, and what did not pass, or not whole."""
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
            kept = result.kept if isinstance(result, Problem) else result
            if kept is not None:
                made[target] = kept
        return made, failed


CREATABLE = frozenset({Kind.PERSON})
"""Kinds whose fields this version can create."""


def compile_kind(
    mapping: Mapping,
    kind: Kind,
    source: Sequence[Field],
    target: Sequence[Field],
    places: Places,
    untouched: Untouched = UNTOUCHED,
) -> tuple[Compiled, Findings]:
    """Rules of ``kind`` with findings for names that do not exist, targets that are not to be filled or are filled
    twice, types that lose. A finding's subject is the place in the file.
    """
    found = Findings()
    sources = {field.api_name: field for field in source if field.holder is kind}
    targets = {field.api_name: field for field in target if field.holder is kind}
    rules: list[Rule] = []
    taken: set[str] = set()
    for at, rule in enumerate(mapping.rules(kind)):
        made = _compile_rule(rule, sources, targets, lambda *key, at=at: places(kind.value, at, *key), untouched, found)
        if made and made.target in taken:
            found.add("target_used_twice", Severity.BLOCK, places(kind.value, at), field=made.target)
        elif made:
            taken.add(made.target)
            rules.append(made)
    _note_forgotten(mapping, kind, sources, places.name, found)
    return Compiled(kind, tuple(rules)), found


def _compile_rule(
    rule: FieldRule,
    sources: Dict[str, Field],
    targets: Dict[str, Field],
    place: Callable[..., str],
    untouched: Untouched,
    found: Findings,
) -> Rule | None:
    """``place`` tells where in the file a key of the rule stands."""
    if rule.drop is not None:
        return None
    origin = sources.get(rule.source)
    if origin is None:
        nearest = near(rule.source, sources)
        found.add("source_field_unknown", Severity.BLOCK, place("from"), field=rule.source, near=nearest)
        return None
    there = targets.get(rule.target or "")
    goal = there or _goal(rule, origin, targets, place, found)
    if goal is None or not may_fill(goal, origin, untouched, place("to" if rule.to else "create"), found):
        return None
    if there and rule.create and not is_ours(rule.create, there, untouched, place("create"), found):
        return None
    _note_losses(origin, goal, place(), found)
    return _rule(rule, origin, goal)


def _goal(
    rule: FieldRule, origin: Field, targets: Dict[str, Field], place: Callable[..., str], found: Findings
) -> Field | None:
    """The field that a rule makes, since none of its name stands there."""
    if rule.create is None:
        name = rule.to or ""
        found.add("target_field_unknown", Severity.BLOCK, place("to"), field=name, near=near(name, targets))
    elif origin.holder not in CREATABLE:
        problem = "only fields of people can be created: make this one on the target by hand, then name it in `to`"
        found.add("mapping_invalid", Severity.BLOCK, place("create"), problem=problem, value=rule.create.name)
    elif is_new(rule.create.name, targets, place("create"), found):
        return as_field(rule.create, origin.holder)
    return None


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


def as_field(new: NewField, holder: Kind) -> Field:
    """A field as it will stand on the target."""
    origin = Origin(connection="", vendor_type="new", vendor_id=new.name)
    return Field(
        key=f"{holder}/{new.name}",
        name=new.label,
        origin=origin,
        holder=holder,
        api_name=new.name,
        data_type=new.type,
        max_bytes=LONGEST_NEW_TEXT if new.type in TEXTS else None,
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
