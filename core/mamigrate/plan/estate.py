"""Where each object of the source's estate ends in this version: mapped, created, or handed to a person."""

import unicodedata
from collections.abc import Collection, Iterator, Sequence
from collections.abc import Mapping as Dict

from mamigrate.mapping.model import FieldRule, Mapping
from mamigrate.mapping.owners import HOLDERS, Owners
from mamigrate.model.base import EstateObject
from mamigrate.model.estate import Field, List, Owner, Topic
from mamigrate.model.kinds import Kind
from mamigrate.plan.model import Bucket, Planned

HANDED = (Kind.CHANNEL, Kind.LIFECYCLE_MODEL, Kind.RULESET, Kind.ASSET, Kind.WORKFLOW)
"""Kinds that get a build sheet until they are moved by the program."""


def fields(mapping: Mapping, source: Sequence[Field], missing: frozenset[str]) -> Iterator[Planned]:
    """Every source field: equal (goes to an existing one), created, or left behind with its reason."""
    for field in source:
        rule = next((r for r in _rules(mapping, field) if r.source == field.api_name), None)
        if rule is None:
            yield Planned(Kind.FIELD, field.key, Bucket.LEFT, "not_in_mapping")
        elif rule.target is None:
            yield Planned(Kind.FIELD, field.key, Bucket.LEFT, "dropped", rule.drop or "")
        elif rule.create and mapping.signed is None:
            yield Planned(Kind.FIELD, field.key, Bucket.HANDED, "mapping_unsigned")
        else:
            bucket = Bucket.CREATED if rule.target in missing else Bucket.EQUAL
            yield Planned(Kind.FIELD, field.key, bucket, "mapped", f"as {rule.target}")


def topics(mapping: Mapping, source: Sequence[Topic], missing: frozenset[str]) -> Iterator[Planned]:
    for topic in source:
        rules = [rule for rule in mapping.topics if rule.source == topic.key]
        fields = [rule.target for rule in rules if rule.target]
        if not fields:
            reason = next((rule.deny_all for rule in rules if rule.deny_all), "inactive or not an email type")
            yield Planned(Kind.TOPIC, topic.key, Bucket.HANDED, "no_place", reason)
        else:
            bucket = Bucket.EQUAL if missing.isdisjoint(fields) else Bucket.CREATED
            yield Planned(Kind.TOPIC, topic.key, bucket, "mapped", f"as {', '.join(fields)}")


def owners(source: Sequence[Owner], texts: Owners, owned: Dict[tuple[Kind, str], int]) -> Iterator[Planned]:
    """Owners are never created: they go with their records as text. Who has no text, or whose records have no field for it, is
    handed to a person with the numbers. ``owned`` counts records by kind and owner."""
    for owner in source:
        lost = [
            (kind, n)
            for kind in HOLDERS
            if (n := owned.get((kind, owner.key), 0)) and not texts.carried(kind, owner.key)
        ]
        if lost:
            detail = ", ".join(f"{kind} {n}" for kind, n in lost)
            yield Planned(Kind.OWNER, owner.key, Bucket.HANDED, "owner_not_carried", detail)
        elif owner.key in texts.mapped:
            yield Planned(Kind.OWNER, owner.key, Bucket.EQUAL, "owner_mapped")
        elif owner.email:
            yield Planned(Kind.OWNER, owner.key, Bucket.EQUAL, "kept_with_person")
        else:
            yield Planned(Kind.OWNER, owner.key, Bucket.HANDED, "no_address")


def lists(
    source: Sequence[List], known: dict[str, str], gone: Collection[str] = (), *, can_write: bool
) -> Iterator[Planned]:
    """Static lists of people are created; dynamic ones and lists of other kinds are handed over.

    ``known`` are target keys of those that stand there, ``gone`` source keys of those that vanished: they are made anew.
    The target keeps a name once: of several lists with one name all but the first get their id behind it.
    """
    taken: set[str] = set()
    for one in sorted(source, key=lambda one: (len(one.key), one.key)):
        if one.dynamic:
            yield Planned(Kind.LIST, one.key, Bucket.HANDED, "dynamic")
        elif one.holder is not Kind.PERSON or not can_write:
            yield Planned(Kind.LIST, one.key, Bucket.HANDED, "other_holder", str(one.holder or "unknown kind"))
        else:
            name = one.name
            while _plain(name) in taken:
                name = f"{name} ({one.key})"
            taken.add(_plain(name))
            yield _list(one, name, known.get(one.key), "gone_on_target" if one.key in gone else "new")


def _list(one: List, name: str, target_key: str | None, reason: str) -> Planned:
    if target_key is not None:
        return Planned(Kind.LIST, one.key, Bucket.EQUAL, "ledger", target_key=target_key)
    lost = () if name == one.name else (("name", "list_renamed", one.name),)
    values = {"name": name, "description": f"from {one.origin.connection}, list {one.key}"}
    return Planned(Kind.LIST, one.key, Bucket.CREATED, reason, values=values, lost=lost)


def _plain(name: str) -> str:
    """Names that a platform takes for the same."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


def handed(kind: Kind, source: Sequence[EstateObject]) -> Iterator[Planned]:
    for one in source:
        yield Planned(kind, one.key, Bucket.HANDED, "build_sheet")


def _rules(mapping: Mapping, field: Field) -> Sequence[FieldRule]:
    return mapping.rules(field.holder) if field.holder in (Kind.PERSON, Kind.ACCOUNT, Kind.OPPORTUNITY) else ()
