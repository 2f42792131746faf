"""A first mapping from both schemas: by meaning, then by name; what is custom and filled is created, the rest dropped."""

import re
from collections.abc import Mapping as Dict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from mamigrate.mapping.convert import CHOICES, TEXTS
from mamigrate.mapping.model import FieldRule, Mapping, NewField, Signature, TooLong, TopicRule
from mamigrate.model.canonical import NotCanonical, canonical
from mamigrate.model.estate import DataType, Field, Owner, Topic
from mamigrate.model.kinds import Kind

CREATABLE = {
    DataType.CHOICE: DataType.TEXT,
    DataType.MULTI_CHOICE: DataType.TEXT,
    DataType.LONG_TEXT: DataType.TEXT,
    DataType.REFERENCE: DataType.TEXT,
}
"""No picklist or text area can be created by API on Marketo (Create Lead Fields): choices become text."""

CONSENT_WORDS = re.compile(
    r"unsub|opt_?out|optin|opt_in|blacklist|suspend|do_?not|invalid|bounce|quarantin|marketable", re.IGNORECASE
)
"""Fields about permission are never mapped as plain values: consent travels as facts."""


CRM_IDS = frozenset({"crm_contact_id", "crm_lead_id"})
"""Meanings of fields that a linked CRM fills on either side: people are matched by them, and no rule fills one."""

MOST = 0.9
"""Part of the filled records whose value must enter a field before it is proposed for them."""

Values = Dict[str, int]
"""Values of a field, with how many records hold each."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a proposal needs to know of both sides. ``values`` are those of ``doubtful`` fields, by kind and name; ``made`` are
    fields that earlier runs created."""

    source_name: str
    target_name: str
    source: Sequence[Field]
    target: Sequence[Field]
    filled: Dict[Kind, Dict[str, int]]
    topics: Sequence[Topic]
    owners: Sequence[Owner]
    consent_fields: frozenset[str]
    creatable: frozenset[Kind] = frozenset({Kind.PERSON})
    values: Dict[tuple[Kind, str], Values] = field(default_factory=dict)
    made: frozenset[str] = frozenset()


def doubtful(known: Proposal) -> list[Field]:
    """Filled fields whose counterpart is of a type that not every value enters: a proposal must know their values."""
    return [
        one
        for kind in (Kind.PERSON, Kind.ACCOUNT, Kind.OPPORTUNITY)
        for one, goal in _counterparts(known, kind)
        if goal is not None and not _enters(one.data_type, goal.data_type) and not _why_not(known, one)
    ]


def propose(known: Proposal, signer: str | None = None, on: date | None = None) -> Mapping:
    """A mapping that names every source field. ``signer`` signs it (sandboxes only): creations then take effect."""
    too_long: TooLong = "leave" if signer else "block"
    return Mapping(
        source=known.source_name,
        target=known.target_name,
        signed=Signature(who=signer, when=on) if signer and on else None,
        person=_rules(known, Kind.PERSON, too_long),
        account=_rules(known, Kind.ACCOUNT, too_long),
        opportunity=_rules(known, Kind.OPPORTUNITY, too_long),
        topics=tuple(_topic(topic, known) for topic in known.topics if topic.active and topic.channel == "email"),
        owners={},
    )


def _counterparts(known: Proposal, kind: Kind) -> list[tuple[Field, Field | None]]:
    """Source fields, each with what stands for the same on the target.

    Meanings first: a custom field that is named like a standard one must not take its place.
    """
    goals = [field for field in known.target if field.holder is kind and not field.read_only]
    goals = [field for field in goals if field.api_name not in known.consent_fields and field.meaning not in CRM_IDS]
    by_meaning = {field.meaning: field for field in goals if field.meaning}
    by_name = {_plain(field.api_name): field for field in goals}
    fields = [field for field in known.source if field.holder is kind]
    return [
        (one, by_meaning.get(one.meaning) if one.meaning else by_name.get(_plain(one.api_name)))
        for one in sorted(fields, key=lambda f: (not f.meaning, f.custom, f.api_name))
    ]


def _rules(known: Proposal, kind: Kind, too_long: TooLong) -> tuple[FieldRule, ...]:
    taken: set[str] = set()
    made = {one.api_name: _rule(known, one, goal, taken, too_long) for one, goal in _counterparts(known, kind)}
    return tuple(made[name] for name in sorted(made))


def _rule(known: Proposal, field: Field, goal: Field | None, taken: set[str], too_long: TooLong) -> FieldRule:
    reason = _why_not(known, field)
    if reason:
        return FieldRule(source=field.api_name, drop=reason)
    fits = goal is None or _fits(known, field, goal)
    if goal is not None and fits and goal.api_name not in taken:
        taken.add(goal.api_name)
        return FieldRule(source=field.api_name, to=goal.api_name, too_long=too_long)
    if field.holder in known.creatable and (field.custom or not fits):
        return FieldRule(source=field.api_name, create=_new(known, field, taken, beside=not fits), too_long=too_long)
    return FieldRule(
        source=field.api_name, drop="no counterpart on the target" if fits else "no counterpart takes these values"
    )


def _new(known: Proposal, field: Field, taken: set[str], *, beside: bool) -> NewField:
    """A field to create; ``beside`` one of the same name, which its values do not enter."""
    like = field.model_copy(update={"api_name": f"{field.api_name}_text", "name": f"{field.name} text"})
    named = like if beside else field
    new = NewField(
        name=_new_name(named, taken, known),
        label=_label(named.name or named.api_name, known, taken),
        type=_new_type(field),
    )
    taken.add(new.name)
    return new


def _fits(known: Proposal, field: Field, goal: Field) -> bool:
    """Whether most records' values enter ``goal``."""
    values = known.values.get((field.holder, field.api_name), {})
    if not values or _enters(field.data_type, goal.data_type):
        return True
    entering = sum(count for text, count in values.items() if _is_a(text, goal.data_type))
    return entering >= MOST * sum(values.values())


def _enters(source: DataType, target: DataType) -> bool:
    """Whether every value of one type is a value of the other, or becomes one."""
    days = {DataType.DATE, DataType.DATETIME}
    return source is target or target in TEXTS | CHOICES or {source, target} == days


def _is_a(text: str, data_type: DataType) -> bool:
    try:
        return bool(canonical(text, data_type))
    except NotCanonical:
        return False


def _why_not(known: Proposal, field: Field) -> str:
    if not known.filled.get(field.holder, {}).get(field.api_name):
        return "empty on the source"
    if field.meaning and field.meaning not in CRM_IDS:
        return ""
    if field.api_name in known.consent_fields or (not field.custom and CONSENT_WORDS.search(field.api_name)):
        return "permission travels as consent facts"
    if field.read_only and not field.custom:
        return "the source computes it"
    return ""


def _topic(topic: Topic, known: Proposal) -> TopicRule:
    opt_out = topic.default_allows
    says, stem = "No" if opt_out else "Yes", re.sub(r"[^A-Za-z0-9]", "", topic.key)
    used = {one.api_name.lower() for one in known.target if one.api_name not in known.made}
    last = next(n for n in ("", *range(2, 1000)) if f"mm{says}Topic{stem}{n}".lower() not in used)
    name, label = f"mm{says}Topic{stem}{last}", f"MM {says} Topic {stem} {last}".strip()
    return TopicRule(
        source=topic.key,
        name=topic.name,
        create=NewField(name=name, label=label, type=DataType.BOOLEAN),
        polarity="opt_out" if opt_out else "opt_in",
    )


def _new_type(field: Field) -> DataType:
    return CREATABLE.get(field.data_type, field.data_type)


def _new_name(field: Field, taken: set[str], known: Proposal) -> str:
    """A legal new API name: a letter, then letters and digits; not in use on the target."""
    head, *rest = [part for part in re.split(r"[^A-Za-z0-9]+", field.api_name) if part] or ["field"]
    stem = head[0].lower() + head[1:] + "".join(part[0].upper() + part[1:] for part in rest)
    stem = stem if stem[0].isalpha() else f"f{stem}"
    used = {f.api_name.lower() for f in known.target} | {name.lower() for name in taken}
    return next(name for name in (stem, *(f"{stem}{n}" for n in range(2, 1000))) if name.lower() not in used)


_PAIRS = ("()", "[]", "（）", "【】", "［］", "〔〕", "「」", "『』", "〈〉", "《》")
_BRACKETS = "|".join(rf"{re.escape(a)}[^{re.escape(a + b)}]*{re.escape(b)}" for a, b in map(tuple, _PAIRS))


def _label(label: str, known: Proposal, taken: set[str]) -> str:
    """A display name without the characters that Marketo refuses, not in use."""
    plain = _readable(label)[:200].rstrip() or "Field"
    used = {field.name.lower() for field in known.target} | {
        name.lower() for name in taken if name.startswith("label:")
    }
    chosen = next(
        text
        for text in (plain, *(f"{plain} {n}" for n in range(2, 1000)))
        if f"{text}".lower() not in used and f"label:{text}".lower() not in taken
    )
    taken.add(f"label:{chosen}".lower())
    return chosen


def _readable(label: str) -> str:
    """Without signs, and without what stands in brackets: a remark about values would run into the name."""
    bare = re.sub(_BRACKETS, " ", label)
    return next(filter(None, (" ".join(re.sub(r"[^\w-]+", " ", text).split()) for text in (bare, label))), "")


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
