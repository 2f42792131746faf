"""Statuses by address as consent facts, and what a reply leaves untold."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256

from mamigrate.consent.scope import ALL
from mamigrate.contract import Content, NeutralRow
from mamigrate.findings import Finding, Severity
from mamigrate.model.kinds import Kind
from mamigrate_hubspot.read.context import Context, read_json
from mamigrate_hubspot.read.facts import UNKNOWN, Holder, denials, grant, moment_of
from mamigrate_hubspot.wire import Json, listed, rows, text

_WITH_NOTICE = "CONSENT_WITH_NOTICE"

_BASES = {
    _WITH_NOTICE: "grant",
    "PROCESS_AND_STORE": "implied_grant",
    "LEGITIMATE_INTEREST_PQL": "implied_grant",
    "LEGITIMATE_INTEREST_CLIENT": "implied_grant",
    "LEGITIMATE_INTEREST_OTHER": "implied_grant",
    "PERFORMANCE_OF_CONTRACT": "implied_grant",
}
"""Legal bases that are not consent make an implied grant, and so does one that is not known here."""

_UNSAID = ("", "NON_GDPR")
"""No legal basis, or that none applies (HubSpot's property of the legal basis: "Not applicable"): HubSpot sends on it, so that
it is a grant, and it shows nobody's consent. Unless the person did it, it is a bare flag: proof 0."""

_WIDE = ("PORTAL_WIDE", "BUSINESS_UNIT_WIDE")

_MAIL = ("", "EMAIL")
"""Channels of a status that says something of email; "" where the reply does not repeat the one that was asked for."""

_SOURCES = {
    "": ("system", 0),
    "Not specified": ("system", 0),
    "Self Service Resubscription": ("subject", 2),
}
"""Documented texts of a status's ``source``: who acted, and what the record proves (0 to 4). It is free text, so nothing but
a whole one counts: any other is of nobody knows whom (HubSpot docs, "Subscription preferences v4")."""


def told(connection: str, data: Json, context: Context) -> Content:
    """Statuses of one address, or of the addresses that a batch answered. An unfinished reply leaves them *unread*.

    A subscription type whose status the reply leaves out is denied, and everything where it leaves out all.
    """
    spelled = _spelled(read_json(context, "people"))
    whole = not _unfinished(data) and not data.get("numErrors")
    facts: list[NeutralRow] = []
    for status, again in _each(_rows_of_statuses(data, context)):
        for number, holder in enumerate(spelled.get(_who(status)) or [Holder(text(status, "subscriberIdString"), ())]):
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


def _spelled(people: Mapping[str, Sequence[str]]) -> dict[str, list[Holder]]:
    """Who has an address, by each spelling of it: to HubSpot all of them are one, in lower case."""
    found: dict[str, list[Holder]] = {}
    for address, known in people.items():
        found.setdefault(address.lower(), []).append(Holder(address, known))
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
    return list(denials(ref, Holder(address, people), kind="unparsed", topic=topic, actor="system", raw="unread"))


def unread_finding(connection: str, people: Sequence[str]) -> Finding:
    return Finding("consent_unread", Severity.WARN, f"{connection}/person/{people[0] if people else ''}")


def _facts_of(
    connection: str, status: Json, holder: Holder, context: Context, *, whole: bool, again: str
) -> Iterator[NeutralRow]:
    """``whole``: nothing is missing from the reply. A permission names one subscription type, and is one for email."""
    topic, moment = text(status, "subscriptionId") or "*", moment_of(text(status, "timestamp"))
    brand = _brand(status)
    ref = _ref(connection, status, topic, brand, whole=whole) + again
    actor, proof = _actor(text(status, "source"), dated=moment is not None)
    common = {"topic": topic, "brand": brand, "asset_class": _class(topic, context), "lo": moment, "hi": moment}
    match text(status, "status"):
        case "UNSUBSCRIBED":
            kind = "objection" if "wideStatusType" in status else "topic_opt_out"
            yield from denials(ref, holder, kind=kind, actor=actor, raw="UNSUBSCRIBED", **common)
        case "SUBSCRIBED" | "NOT_SPECIFIED" if not _of_mail(status):
            return
        case "SUBSCRIBED" if "wideStatusType" not in status and topic != "*":
            basis = text(status, "legalBasis")
            kind = "grant" if basis in _UNSAID else _BASES.get(basis, "implied_grant")
            proof = 0 if basis in _UNSAID and actor != "subject" else proof
            yield grant(ref, holder, kind=kind, actor=actor, proof=proof, raw=_raw(status), **common, **_notice(status))
        case "SUBSCRIBED" | "NOT_SPECIFIED":
            return
        case unknown:
            yield from denials(ref, holder, kind="unparsed", actor="system", raw=unknown, **common)


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


def _actor(source: str, *, dated: bool) -> tuple[str, int]:
    actor, proof = _SOURCES.get(source, UNKNOWN)
    return actor, proof if dated else min(proof, 1)
