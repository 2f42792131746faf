"""What the vendor in memory answers to reads, and what those answers mean. Pure functions over its pages."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson

from mamigrate.consent import address
from mamigrate.consent.kinds import KINDS
from mamigrate.contract import Content, Landed, NeutralRow
from mamigrate.findings import Finding, Severity
from mamigrate.model.base import Origin
from mamigrate.model.canonical import NotCanonical, canonical
from mamigrate.model.estate import DataType, Field, List, Option, Owner, Topic, Workflow
from mamigrate.model.kinds import Kind
from mamigrate.model.population import ConsentFact
from mamigrate.testing import memory_history, memory_programs
from mamigrate.testing.memory_state import State

PAGE = 4
"""Records a page: few, so that small estates have several pages."""

Raw = dict[str, Any]
HOLDERS = (Kind.PERSON, Kind.ACCOUNT, Kind.OPPORTUNITY)
NOTICE = ("notice", "notice_version", "notice_hash")


# --- answers -----------------------------------------------------------------------------------------------------------


def answer(state: State, kind: Kind, offset: int, **context: str) -> tuple[Landed, str | None]:
    """One page of a kind as this vendor sends it, and the next page's cursor."""
    rows = list(_everything(state, kind))
    page = rows[offset : offset + PAGE]
    if kind is Kind.CONSENT_FACT and state.quirks.unread_denials:
        context["unread"] = "no permission"
    if kind is Kind.CONSENT_FACT and state.quirks.deleted_unread and state.deleted:
        context |= {"deleted": str(len(state.deleted)), "deleted_unread": state.quirks.deleted_unread}
    more = str(offset + PAGE) if offset + PAGE < len(rows) else None
    return landed(state, page, **context), more


def landed(state: State, rows: Sequence[Raw], **context: str) -> Landed:
    """Rows with what they do not say: the fields' types and the topics' fields."""
    types = {holder.value: _visible(state, holder) for holder in HOLDERS}
    topics = [one.model_dump() for one in state.topics.values()]
    told = {"types": orjson.dumps(types).decode(), "topics": orjson.dumps(topics).decode()}
    return Landed(orjson.dumps({"rows": list(rows)}), {**told, **context})


def opted_out(state: State, people: Sequence[NeutralRow]) -> list[Raw]:
    """Opt-outs of these people's addresses, each with the person who has it."""
    holders: dict[str, list[str]] = {}
    for person in people:
        holders.setdefault(address.loose(person["email"]) or "", []).append(person["key"])
    rows = list(opt_outs(state)) + list(_of_deleted(state))
    return [{**row, "person": key} for row in rows for key in holders.get(address.loose(row["address"]) or "\0", ())]


def _visible(state: State, holder: Kind) -> dict[str, str]:
    return {name: one.type.value for name, one in state.fields.get(holder, {}).items() if not one.hidden}


def _everything(state: State, kind: Kind) -> Iterator[Raw]:
    tables: Mapping[Kind, Callable[[State], Iterator[Raw]]] = {
        Kind.FIELD: _fields,
        Kind.LIST_MEMBERSHIP: _memberships,
        Kind.CONSENT_FACT: _statements,
        Kind.ACTIVITY: memory_history.told,
        Kind.CHANNEL: memory_programs.told_channels,
        Kind.PROGRAM: memory_programs.told_programs,
        Kind.PROGRAM_MEMBERSHIP: memory_programs.told_members,
    }
    objects: Mapping[Kind, Mapping[str, Any]] = {
        Kind.TOPIC: state.topics,
        Kind.OWNER: state.owners,
        Kind.LIST: state.lists,
        Kind.WORKFLOW: state.automations,
        **{holder: state.records.get(holder, {}) for holder in HOLDERS},
    }
    if kind in tables:
        yield from tables[kind](state)
    else:
        yield from (one.model_dump(mode="json", exclude={"members"}) for one in objects[kind].values())


def _fields(state: State) -> Iterator[Raw]:
    for holder, fields in state.fields.items():
        yield from ({**one.model_dump(mode="json"), "holder": holder} for one in fields.values() if not one.hidden)


def _memberships(state: State) -> Iterator[Raw]:
    for one in state.lists.values():
        yield from ({"list": one.id, "person": person} for person in one.members)


def _statements(state: State) -> Iterator[Raw]:
    yield from () if state.quirks.encrypted else opt_outs(state)
    yield from _of_deleted(state)
    for number, one in enumerate(state.yeses):
        yield {**one.model_dump(mode="json"), "id": f"yes-{number}"}


def _of_deleted(state: State) -> Iterator[Raw]:
    """What stays of people who were deleted: their addresses are opted out for good."""
    for one in () if state.quirks.deleted_unread else state.deleted:
        if one.unsubscribed:
            whole = {"brand": "*", "topic": "*", "kind": "objection"}
            yield {"id": f"deleted-{one.id}", "address": one.address, "at": one.at and one.at.isoformat(), **whole}


def opt_outs(state: State) -> Iterator[Raw]:
    for number, one in enumerate(state.opt_outs):
        yield {**one.model_dump(mode="json"), "id": str(number)}


# --- what they mean ----------------------------------------------------------------------------------------------------


def content(connection: str, kind: Kind, page: Landed) -> Content:
    """The neutral rows of a page; a page of people also tells what their topics' fields say."""
    rows: list[Raw] = orjson.loads(page.body)["rows"]
    if "unread" in page.context:
        told = Finding("denials_without_contact_unread", Severity.WARN, connection, {"reason": page.context["unread"]})
        return Content({kind: []}, [told])
    if "deleted_unread" in page.context:
        params = {"count": page.context["deleted"], "reason": page.context["deleted_unread"]}
        gap = Finding("deleted_denials_unread", Severity.WARN, connection, params)
        return Content({kind: [_statement(connection, row) for row in rows]}, [gap])
    if "unsearched" in page.context:
        told = Finding("addresses_not_searched", Severity.WARN, connection, {"field": "email"})
        silent = orjson.loads(page.context["unsearched"])
        return Content({kind: [_statement(connection, row) for row in rows]}, [told], silent)
    if kind in HOLDERS:
        return records(connection, kind, rows, page.context)
    read = {
        Kind.FIELD: _field,
        Kind.TOPIC: _topic,
        Kind.OWNER: _owner,
        Kind.LIST: _list,
        Kind.WORKFLOW: _workflow,
        Kind.LIST_MEMBERSHIP: _membership,
        Kind.CONSENT_FACT: _statement,
        Kind.ACTIVITY: memory_history.row,
        Kind.CHANNEL: memory_programs.channel,
        Kind.PROGRAM: memory_programs.program,
        Kind.PROGRAM_MEMBERSHIP: memory_programs.member,
    }[kind]
    return Content({kind: [read(connection, row) for row in rows]})


def records(connection: str, kind: Kind, rows: Sequence[Raw], context: Mapping[str, str]) -> Content:
    """People with the facts of their topics, accounts or opportunities."""
    types: dict[str, str] = orjson.loads(context["types"])[kind.value]
    problems: list[Finding] = []
    found = [_record(connection, kind, row, types, problems) for row in rows]
    if kind is not Kind.PERSON:
        return Content({kind: found}, problems)
    topics: list[Raw] = orjson.loads(context["topics"])
    facts = [fact for row in found for fact in _topic_facts(connection, row, topics)]
    return Content({kind: found, Kind.CONSENT_FACT: facts}, problems)


def _record(connection: str, kind: Kind, row: Raw, types: Mapping[str, str], problems: list[Finding]) -> NeutralRow:
    values = _values(f"{connection}/{kind}/{row['id']}", row["values"], types, problems)
    common: NeutralRow = {
        "key": row["values"].get("external_id") or row["id"],
        "created_at": datetime.fromisoformat(row["created_at"]),
        "updated_at": datetime.fromisoformat(row["updated_at"]),
        "archived": row["archived"],
        "owner_key": row["owner"],
        "values": values,
    }
    if kind is Kind.ACCOUNT:
        own = {"name": values.get("name"), "domain": values.get("domain"), "parent_key": None}
        return {**common, **own, "merged_keys": row["merged"]}
    if kind is Kind.OPPORTUNITY:
        ties = {"account_keys": row["accounts"], "person_keys": row["people"]}
        return {**common, **ties, "name": values.get("name"), "stage": values.get("step"), "pipeline": None}
    return {**common, **_person(row, values)}


def _person(row: Raw, values: Mapping[str, str]) -> NeutralRow:
    known = address.keys(values.get("email"))
    return {
        "key": row["id"],
        "email": values.get("email"),
        "email_strict": known.strict,
        "email_loose": known.loose,
        "email_folded": known.folded,
        "other_emails": row["other_emails"],
        "merged_keys": row["merged"],
        "account_keys": row["accounts"],
        "stage": values.get("stage"),
    }


def _values(
    subject: str, values: Mapping[str, str], types: Mapping[str, str], problems: list[Finding]
) -> dict[str, str]:
    """Values of visible fields as canonical texts; what does not parse stays as it is and is told."""
    found: dict[str, str] = {}
    for name, text in values.items():
        if name not in types or text == "":
            continue
        try:
            found[name] = canonical(text, DataType(types[name]))
        except NotCanonical:
            found[name] = text
            problems.append(
                Finding("bad_value", Severity.WARN, subject, {"field": name, "value": text, "type": types[name]})
            )
    return found


def _topic_facts(connection: str, person: NeutralRow, topics: Sequence[Raw]) -> Iterator[NeutralRow]:
    for topic in topics:
        field = f"opt_{'out' if topic['default_allows'] else 'in'}_{topic['key']}"
        value = person["values"].get(field)
        if value is None or (topic["default_allows"] and value == "false"):
            continue
        denies = topic["default_allows"] or value == "false"
        yield from topic_denial(connection, person, field, topic["key"], topic["brand"], value, denies=denies)


def topic_denial(
    connection: str, person: NeutralRow, field: str, topic: str, brand: str, value: str, *, denies: bool = True
) -> Iterator[NeutralRow]:
    """What a field says of a subscription type, for the person and for the person's address."""
    reference = f"{connection}/person/{person['key']}/{field}"
    for holder in ("person", "address") if person["email_loose"] else ("person",):
        yield ConsentFact(
            key=f"{reference}/{holder}",
            polarity="-" if denies else "+",
            kind="topic_opt_out" if denies else "grant",
            holder="person" if holder == "person" else "address",
            person_key=person["key"],
            address_strict=person["email_strict"],
            address_loose=person["email_loose"],
            brand=brand,
            topic=topic,
            lo=person["created_at"],
            hi=person["updated_at"],
            source_ref=reference,
            raw=value,
        ).model_dump()


def statements(connection: str, rows: Sequence[Raw]) -> list[NeutralRow]:
    """Opt-outs as facts."""
    return [_statement(connection, row) for row in rows]


def _statement(connection: str, row: Raw) -> NeutralRow:
    known, person = address.keys(row["address"]), row.get("person")
    reference = f"{connection}/opt_out/{row['id']}" + (f"/{person}" if person else "")
    at = datetime.fromisoformat(row["at"]) if row["at"] else None
    return ConsentFact(
        key=reference,
        polarity=KINDS[row["kind"]].polarity,
        kind=row["kind"],
        holder="address",
        person_key=person,
        address_strict=known.strict,
        address_loose=known.loose,
        brand=row["brand"],
        topic=row["topic"],
        lo=at,
        hi=at,
        actor=row.get("actor", "subject"),
        proof=row.get("proof", 0),
        source_ref=reference,
        raw=row["address"],
        **{name: row.get(name, "") for name in NOTICE},
    ).model_dump()


def _membership(connection: str, row: Raw) -> NeutralRow:
    pair = {"list_key": row["list"], "person_key": row["person"], "joined_at": None}
    return {"key": f"{row['list']}/{row['person']}", **pair}


def _common(connection: str, kind: str, key: str, row: Raw, name: str) -> dict[str, Any]:
    origin = Origin(connection=connection, vendor_type=kind, vendor_id=key)
    return {"key": key, "name": name, "origin": origin, "raw": row}


def _field(connection: str, row: Raw) -> NeutralRow:
    key, label = f"{row['holder']}/{row['name']}", row["label"] or row["name"]
    return Field(
        **_common(connection, "field", key, row, label),
        holder=Kind(row["holder"]),
        api_name=row["name"],
        data_type=DataType(row["type"]),
        meaning=row["meaning"],
        read_only=row["read_only"],
        custom=row["custom"],
        max_bytes=row["max_bytes"],
        max_chars=row["max_chars"],
        options=tuple(Option(value=each, label=each) for each in row["options"]),
    ).model_dump()


def _topic(connection: str, row: Raw) -> NeutralRow:
    common, opens = _common(connection, "topic", row["key"], row, row["name"]), row["default_allows"]
    field = f"opt_{'out' if opens else 'in'}_{row['key']}"
    known = {"brand": row["brand"], "active": row["active"], "default_allows": opens}
    return Topic(**common, **known, channel="email", field=field).model_dump()


def _owner(connection: str, row: Raw) -> NeutralRow:
    return Owner(**_common(connection, "owner", row["id"], row, row["name"]), email=row["email"]).model_dump()


def _list(connection: str, row: Raw) -> NeutralRow:
    common = _common(connection, "list", row["id"], row, row["name"])
    return List(**common, dynamic=row["dynamic"], used_as_exclusion=row["exclusion"]).model_dump()


def _workflow(connection: str, row: Raw) -> NeutralRow:
    common = _common(connection, "workflow", row["id"], row, row["name"])
    return Workflow(**common, active=row["active"], fires_on_write=row["fires_on_write"]).model_dump()
