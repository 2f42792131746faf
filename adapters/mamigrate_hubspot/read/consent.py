"""Subscription types, statuses by address, and the timeline of changes, as topics and consent facts."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import NamedTuple

from mamigrate.consent.address import keys
from mamigrate.consent.scope import ALL
from mamigrate.contract import Content, NeutralRow
from mamigrate.findings import Finding, Severity
from mamigrate.model.base import Origin
from mamigrate.model.canonical import parse_datetime
from mamigrate.model.estate import Topic
from mamigrate.model.kinds import Kind
from mamigrate_hubspot.read.context import Context, read_at, read_json
from mamigrate_hubspot.wire import Json, id_of, listed, part, rows, text

_CLASSES = {"MARKETING": "MKT", "SALES": "SLS", "SERVICE": "SVC", "TRANSACTIONAL": "TXN"}
MIRROR = "hs_email_optout_"

_WITH_NOTICE = "CONSENT_WITH_NOTICE"
_BASES = {
    _WITH_NOTICE: "grant",
    "PROCESS_AND_STORE": "implied_grant",
    "NON_GDPR": "grant",
    "LEGITIMATE_INTEREST_PQL": "implied_grant",
    "LEGITIMATE_INTEREST_CLIENT": "implied_grant",
    "LEGITIMATE_INTEREST_OTHER": "implied_grant",
    "PERFORMANCE_OF_CONTRACT": "implied_grant",
}
"""Legal bases that are not consent make an implied grant, and so does one that is not known here."""

_WIDE = ("PORTAL_WIDE", "BUSINESS_UNIT_WIDE")
_MAIL = ("", "EMAIL")
"""Channels of a status that says something of email; "" where the reply does not repeat the one that was asked for."""
_FIRST = datetime(2000, 1, 1, tzinfo=UTC)
"""Before this nobody left anything here: an earlier instant is none, and what it dates is undated."""

_SOURCES = {
    "": ("system", 0),
    "Not specified": ("system", 0),
    "Self Service Resubscription": ("subject", 2),
}
"""Documented texts of a status's ``source``: who acted, and what the record proves (0 to 4). It is free text, so nothing but
a whole one counts: any other is of nobody knows whom (HubSpot docs, "Subscription preferences v4")."""

_TIMELINE_SOURCES = {"SOURCE_RECIPIENT": ("subject", 2)}
"""As above, for changes in the legacy timeline (HubSpot docs, "View subscriptions timeline for a portal")."""
_UNKNOWN = ("system", 1)


class _Holder(NamedTuple):
    """Whom a fact is about: an address, and the people known to have it."""

    address: str
    people: Sequence[str]


def topics(connection: str, data: Json, context: Context) -> list[NeutralRow]:
    """Subscription definitions. What the account does without a record depends on its data privacy settings."""
    return [_topic(connection, one, context) for one in rows(data)]


def _topic(connection: str, definition: Json, context: Context) -> NeutralRow:
    return Topic.model_validate(
        {
            "key": id_of(definition),
            "name": text(definition, "name"),
            "origin": Origin(
                connection=connection,
                vendor_type="subscription definition",
                vendor_id=text(definition, "id"),
                read_at=read_at(context),
            ),
            "raw": definition,
            "brand": text(definition, "businessUnitId") or "0",
            "channel": (text(definition, "communicationMethod") or "email").lower(),
            "asset_class": topic_class(definition),
            "default_allows": context.get("explicit_consent") != "true",
            "active": definition.get("isActive") is not False,
        }
    ).model_dump()


def topic_class(definition: Json) -> str:
    return _CLASSES.get(text(definition, "purpose").upper(), "MKT")


def mirrors(names: Iterable[str]) -> list[str]:
    """Which properties mirror topics (``hs_email_optout_<id>``)."""
    return sorted(name for name in names if name.startswith(MIRROR))


def asked_for(definition: Json) -> bool:
    """Whether the statuses of every address must tell this type: a type of email in use."""
    channel = text(definition, "communicationMethod").lower() or "email"
    return channel == "email" and definition.get("isActive") is not False


def mirrored(connection: str, person: NeutralRow, mirrors: Iterable[str]) -> Iterator[NeutralRow]:
    """Topic opt-outs that a contact mirrors, dated between creation and update.

    A mirror that says neither true nor false is a denial that could not be read. As ``_denials``, but written out: most
    facts are these.
    """
    key, values = person["key"], person["values"]
    for name in filter(values.__contains__, mirrors):
        value = values[name]
        if value == "false":
            continue
        ref = f"{connection}/contact/{key}/{name}"
        held = {
            "channel": "email",
            "brand": "*",
            "topic": name[len(MIRROR) :],
            "asset_class": "MKT",
            "lo": person["created_at"],
            "hi": person["updated_at"],
            "until": None,
            "actor": "subject",
            "proof": 0,
            "raw": value,
            "key": f"{ref}/address/{key}",
            "holder": "address",
            "person_key": key,
            "address_strict": person["email_strict"],
            "address_loose": person["email_loose"],
            "source_ref": ref,
            "polarity": "-",
            "kind": "topic_opt_out" if value == "true" else "unparsed",
        }
        theirs = held.copy()
        theirs["key"], theirs["holder"] = f"{ref}/person/{key}", "person"
        yield theirs
        if person["email"]:
            yield held


def statuses(connection: str, data: Json, context: Context) -> Content:
    """Statuses of one address, or of the addresses that a batch answered. An unfinished reply leaves them *unread*.

    A subscription type whose status the reply leaves out is denied, and everything where it leaves out all.
    """
    spelled = _spelled(read_json(context, "people"))
    whole = not _unfinished(data) and not data.get("numErrors")
    facts: list[NeutralRow] = []
    for status, again in _each(_rows_of_statuses(data, context)):
        for number, holder in enumerate(spelled.get(_who(status)) or [_Holder(text(status, "subscriberIdString"), ())]):
            more = f"{again}/spelled/{number + 1}" if number else again
            facts.extend(_facts_of(connection, status, holder, context, whole=whole, again=more))
    untold = _untold(data, context, spelled.keys())
    left_out = [(holder, missing) for who, missing in untold.items() if missing for holder in spelled[who]]
    for holder, missing in left_out:
        for topic in sorted(missing):
            facts.extend(unread_facts(connection, holder.address, holder.people, context["reply"], topic))
    problems = [unread_finding(connection, holder.people) for holder, _ in left_out]
    silent = [holder.people for holder, missing in left_out if ALL in missing]
    return Content({Kind.CONSENT_FACT: facts}, problems, _unanswered(silent))


def _spelled(people: Mapping[str, Sequence[str]]) -> dict[str, list[_Holder]]:
    """Who has an address, by each spelling of it: to HubSpot all of them are one, in lower case."""
    found: dict[str, list[_Holder]] = {}
    for address, known in people.items():
        found.setdefault(address.lower(), []).append(_Holder(address, known))
    return found


def _unanswered(holders: Iterable[Sequence[str]]) -> list[str]:
    """People of addresses about which nothing was told, each once."""
    return list(dict.fromkeys(person for people in holders for person in people))


def _untold(data: Json, context: Context, addresses: Iterable[str]) -> dict[str, set[str]]:
    """Subscription types of which a reply tells nothing, by address in lower case; ``*``: all of them."""
    alone = context["form"] == "one"
    if _unfinished(data) or (alone and data.get("numErrors")):
        return {address: {ALL} for address in addresses}
    if context["reply"] == "wide":
        silent = set(addresses) - answered(data) if not alone else set[str]()
        return {address: {ALL} if address in silent else set() for address in addresses}
    told, needed = topics_told(data, batch=not alone), _needed(context)
    return {address: needed - told[address] if address in told else {ALL} for address in addresses}


def _each(statuses: Iterable[Json]) -> Iterator[tuple[Json, str]]:
    """Statuses, each with what tells it from others of the same address and type. One of several is no permission:
    an address has one status of a type, so that they contradict each other.
    """
    found = [(status, (_who(status), text(status, "subscriptionId"))) for status in statuses]
    times, met = Counter(what for status, what in found if "wideStatusType" not in status), Counter[tuple[str, str]]()
    for status, what in found:
        met[what] += 1
        again = f"/{met[what]}" if met[what] > 1 else ""
        doubtful = times[what] > 1 and text(status, "status") == "SUBSCRIBED" and "wideStatusType" not in status
        yield ({**status, "status": "SUBSCRIBED, told several times"} if doubtful else status), again


def _needed(context: Context) -> set[str]:
    return set(filter(None, context.get("needed", "").split(",")))


def _rows_of_statuses(data: Json, context: Context) -> Iterator[Json]:
    if context["form"] == "one":
        yield from rows(data)
        return
    for answer in rows(data):
        address = text(answer, "subscriberIdString")
        for status in [*listed(answer, "statuses"), *listed(answer, "wideStatuses")]:
            yield {"subscriberIdString": address, **status}


def answered(data: Json) -> set[str]:
    """Addresses, in lower case, of which a batch tells wide statuses, even none. An unfinished one answers nobody."""
    if _unfinished(data):
        return set()
    return {_who(answer) for answer in rows(data) if isinstance(answer.get("wideStatuses"), list)}


def topics_told(data: Json, *, batch: bool) -> dict[str, set[str]]:
    """The subscription types with a status, by address in lower case. An unfinished reply tells nothing."""
    told: dict[str, set[str]] = {}
    if _unfinished(data):
        return told
    for answer in rows(data):
        for status in listed(answer, "statuses") if batch else (answer,):
            # Inside a batch's answer a status need not repeat the address, but must not name another one.
            who = _who(status) or (_who(answer) if batch else "")
            if text(status, "status") and who == _who(answer) and _of_mail(status):
                told.setdefault(who, set()).add(text(status, "subscriptionId"))
    return told


def _who(answer: Json) -> str:
    """HubSpot keeps addresses in lower case, and no further: ``strasse@`` is not ``straße@``."""
    return text(answer, "subscriberIdString").lower()


def _of_mail(status: Json) -> bool:
    return text(status, "channel") in _MAIL


def _unfinished(data: Json) -> bool:
    return data.get("status") != "COMPLETE"


def unread(connection: str, data: Json, context: Context) -> Content:
    """A status that the vendor refused to tell: denied until somebody looks, and reported."""
    people = read_json(context, "people")
    reply = context["reply"]
    facts = [fact for address, known in people.items() for fact in unread_facts(connection, address, known, reply)]
    problems = [unread_finding(connection, known) for known in people.values()]
    return Content({Kind.CONSENT_FACT: facts}, problems, _unanswered(people.values()))


def unread_facts(
    connection: str, address: str, people: Sequence[str], reply: str, topic: str = ALL
) -> list[NeutralRow]:
    """``reply`` tells the two questions apart that are asked about an address: ``statuses`` and ``wide``."""
    ref = f"{connection}/status/{address}/unread/{reply}" + ("" if topic == ALL else f"/{topic}")
    return list(_denials(ref, _Holder(address, people), kind="unparsed", topic=topic, actor="system", raw="unread"))


def unread_finding(connection: str, people: Sequence[str]) -> Finding:
    return Finding("consent_unread", Severity.WARN, f"{connection}/person/{people[0] if people else ''}")


def _facts_of(
    connection: str, status: Json, holder: _Holder, context: Context, *, whole: bool, again: str
) -> Iterator[NeutralRow]:
    """``whole``: nothing is missing from the reply. A permission names one subscription type, and is one for email."""
    topic, moment = text(status, "subscriptionId") or "*", _moment(status)
    brand = _brand(status)
    ref = _ref(connection, status, topic, brand, whole=whole) + again
    actor, proof = _actor(text(status, "source"), dated=moment is not None)
    common = {"topic": topic, "brand": brand, "asset_class": _class(topic, context), "lo": moment, "hi": moment}
    match text(status, "status"):
        case "UNSUBSCRIBED":
            kind = "objection" if "wideStatusType" in status else "topic_opt_out"
            yield from _denials(ref, holder, kind=kind, actor=actor, raw="UNSUBSCRIBED", **common)
        case "SUBSCRIBED" | "NOT_SPECIFIED" if not _of_mail(status):
            return
        case "SUBSCRIBED" if "wideStatusType" not in status and topic != "*":
            basis = text(status, "legalBasis")
            kind = _BASES.get(basis, "implied_grant") if basis else "grant"
            yield _grant(
                ref, holder, kind=kind, actor=actor, proof=proof, raw=_raw(status), **common, **_notice(status)
            )
        case "SUBSCRIBED" | "NOT_SPECIFIED":
            return
        case unknown:
            yield from _denials(ref, holder, kind="unparsed", actor="system", raw=unknown, **common)


def _brand(status: Json) -> str:
    """The brand that a status is about. An opt-out of a kind that is not known is one of the whole account."""
    wide = text(status, "wideStatusType") if "wideStatusType" in status else _WIDE[1]
    return text(status, "businessUnitId") or "*" if wide == _WIDE[1] else "*"


def _ref(connection: str, status: Json, topic: str, brand: str, *, whole: bool) -> str:
    """A brand's opt-out out of a reply with holes is no proof that the whole account was not left too: it explains nothing."""
    address, wide = text(status, "subscriberIdString"), text(status, "wideStatusType")
    if not wide or brand == "*":
        return f"{connection}/status/{address}/{wide or topic}"
    return f"{connection}/{'status' if whole else 'status_in_part'}/{address}/{wide}/{brand}"


def _class(topic: str, context: Context) -> str:
    pairs = (pair.partition(":") for pair in context.get("topics", "").split(",") if pair)
    return next((kind for key, _, kind in pairs if key == topic), "MKT")


def _raw(status: Json) -> str:
    return ";".join(filter(None, ("SUBSCRIBED", text(status, "legalBasis"), text(status, "source"))))


def _notice(status: Json) -> dict[str, str]:
    """What was shown with a consent, as far as its basis explains it. No API tells the form, or the version of its text."""
    shown = text(status, "legalBasisExplanation")
    if not shown or text(status, "legalBasis") != _WITH_NOTICE:
        return {}
    return {"notice": shown, "notice_hash": sha256(shown.encode()).hexdigest()}


def _moment(status: Json) -> datetime | None:
    value = text(status, "timestamp")
    try:
        found = parse_datetime(value) if value else None
    except ValueError:
        return None
    return found if found and found >= _FIRST else None


def _actor(source: str, *, dated: bool) -> tuple[str, int]:
    actor, proof = _SOURCES.get(source, _UNKNOWN)
    return actor, proof if dated else min(proof, 1)


def timeline(connection: str, data: Json, context: Context) -> Content:
    """Changes by address, with or without a contact: opt-outs, complaints, and dated returns by the person.

    An opt-out of a brand carries no brand here: it is one of the whole account until the state of its address explains it.

    Bounces are left out: whether an address bounces now stands on its contact, and old bounces may be over. A return
    from the portal-wide opt-out carries no topic; the topics that it covers have changes of their own.
    """
    facts: list[NeutralRow] = []
    for item in rows(data, "timeline"):
        for number, change in enumerate(listed(item, "changes")):
            facts += _facts_of_change(connection, item, change, number)
    return Content({Kind.CONSENT_FACT: facts})


def _facts_of_change(connection: str, item: Json, change: Json, number: int) -> list[NeutralRow]:
    stamp = text(part(change, "causedByEvent"), "created") or text(change, "timestamp") or text(item, "timestamp")
    moment = _moment({"timestamp": stamp})
    holder = _Holder(text(item, "recipient"), ())
    topic = text(change, "subscriptionId") or "*"
    ref = f"{connection}/timeline/{holder.address}/{stamp}/{number}"
    source = text(change, "source")
    actor, proof = _TIMELINE_SOURCES.get(source, _UNKNOWN)
    what, how = text(change, "changeType"), text(change, "change")
    raw = f"{how};{source}"
    if what == "PORTAL_BOUNCE" or (what == "PORTAL_STATUS" and how == "SUBSCRIBED"):
        return []
    if how == "SUBSCRIBED" and what == "SUBSCRIPTION_STATUS" and topic != "*":
        return [_grant(ref, holder, kind="grant", topic=topic, lo=moment, hi=moment, actor=actor, proof=proof, raw=raw)]
    if "SPAM" in what or "SPAM" in how or "COMPLAINT" in source:
        kind, topic = "complaint", "*"  # Made about one mail, meant for all of them (consent: a complaint is wide).
    elif how == "UNSUBSCRIBED":
        kind = "objection" if topic == "*" else "topic_opt_out"
    else:
        kind = "unparsed"
    return list(_denials(ref, holder, kind=kind, topic=topic, lo=moment, hi=moment, actor=actor, raw=raw))


def _denials(ref: str, holder: _Holder, **fact: object) -> Iterator[NeutralRow]:
    """A record that knows both the person and the address makes a fact for each; one that knows neither is a denial still."""
    held = _fact(f"{ref}/address/{'+'.join(holder.people)}", ref, holder, "address", None, polarity="-", **fact)
    if holder.address or not holder.people:
        yield held
    for person in holder.people:
        yield {**held, "key": f"{ref}/person/{person}", "holder": "person", "person_key": person}


def _grant(ref: str, holder: _Holder, **fact: object) -> NeutralRow:
    """A grant is held by the pair of person and address, and never spreads to another address: one fact."""
    person = holder.people[0] if len(holder.people) == 1 else None
    return _fact(f"{ref}/address/{'+'.join(holder.people)}", ref, holder, "address", person, polarity="+", **fact)


_UNSAID: NeutralRow = {
    "channel": "email",
    "brand": "*",
    "topic": "*",
    "asset_class": "MKT",
    "lo": None,
    "hi": None,
    "until": None,
    "actor": "subject",
    "proof": 0,
    "raw": "",
}
"""What holds of a fact where nothing else is told."""


def _fact(key: str, ref: str, holder: _Holder, held_by: str, person: str | None, **fact: object) -> NeutralRow:
    address = keys(holder.address)
    return {
        **_UNSAID,
        "key": key,
        "holder": held_by,
        "person_key": person if person or len(holder.people) != 1 else holder.people[0],
        "address_strict": address.strict,
        "address_loose": address.loose,
        "source_ref": ref,
        **fact,
    }
