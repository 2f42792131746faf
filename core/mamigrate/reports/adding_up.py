"""How the numbers of a report meet: a sentence wherever two of them differ by their nature. Pure."""

from collections.abc import Iterable, Iterator

from mamigrate.reports.phrases import Phrase, Phrasebook
from mamigrate.reports.standing import Facts

MATRIX = ("allowed_and_mailable", "allowed_not_mailable", "denied_not_mailable", "denied_but_mailable")


def census_total(facts: Facts) -> int:
    """People in the table of the census; 0 where there is none."""
    census = facts.get("census") or {}
    return sum(census.get(name, 0) for name in MATRIX)


def census(facts: Facts, book: Phrasebook) -> Iterator[Phrase]:
    """Which people the census counts, and how that meets the other numbers of the page."""
    told, reach = facts.get("census"), facts.get("reach")
    if not told:
        return
    yield _counted(facts, book)
    if _there(told):
        yield book.say("census_there", parked=told["parked_there"], rejected=told["refused_there"])
    if reach:
        after = told["allowed_and_mailable"] + told["denied_but_mailable"]
        yield book.say("census_reach", after=after, before=reach["before"])
    if told["allowed_not_mailable"]:
        parts = {"address": told["allowed_without_address"], "denied": told["allowed_denied_there"]}
        yield book.say("census_gap", n=told["allowed_not_mailable"], **parts)
    if told["not_on_target"]:
        halves = {"people": told["people_absent"], "addresses": told["addresses_absent"]}
        yield book.say("census_absent", n=told["not_on_target"], records=_held_back(facts), **halves)


def _counted(facts: Facts, book: Phrasebook) -> Phrase:
    """The table beside the people read: to the last one where the rest is not in it, in general where some of it is."""
    person = facts["accounts"].get("person", {"read": 0, "buckets": {}})
    names = ("merged", "left", "parked", "rejected")
    parts = {name: person["buckets"].get(name, 0) for name in names} | {"unread": facts["census"]["unverified"]}
    parts["parked"] -= facts["census"].get("parked_there", 0)
    parts["rejected"] -= facts["census"].get("refused_there", 0)
    n, read = census_total(facts), person["read"]
    if n + sum(parts.values()) == read:
        return book.say("census_adds_up", n=n, read=read, **parts)
    return book.say("census_counts", n=n, read=read)


def _held_back(facts: Facts) -> int:
    buckets = facts["accounts"].get("person", {}).get("buckets", {})
    return int(buckets.get("parked", 0) + buckets.get("rejected", 0) - _there(facts["census"]))


def _there(census: Facts) -> int:
    """Parked and refused people who have a record on the target, and are in the table."""
    return int(census.get("parked_there", 0) + census.get("refused_there", 0))


def consent_facts(facts: Facts, book: Phrasebook) -> Iterator[Phrase]:
    """Facts from files are accounted for beside those that were read from the source."""
    read = facts.get("read", {}).get("consent_fact", 0)
    counted = facts.get("accounts", {}).get("consent_fact", {}).get("read", 0)
    if counted > read:
        yield book.say("facts_filed", n=counted, read=read, filed=counted - read, source=facts["source"]["title"])


def added(facts: Facts, book: Phrasebook) -> Iterator[Phrase]:
    """Who the people are that are added to the target."""
    people = facts.get("people") or {}
    if people.get("new_addresses"):
        addresses = people["new_addresses"]
        yield book.say("added_parts", people=people["new"] - addresses, addresses=addresses)
    if people.get("new_refused"):
        yield book.say("added_refused", n=people["new_refused"])


def kept(facts: Facts, book: Phrasebook) -> Iterator[tuple[Phrase, int]]:
    """Who stays unmailed, by cause."""
    yield from by_cause((facts.get("reach") or {}).get("kept", ()), book)


def by_cause(rows: Iterable[Facts], book: Phrasebook) -> Iterator[tuple[Phrase, int]]:
    """Each row's cause in words, with its field where one alone is the cause, and its people."""
    for one in rows:
        cause, field = one["cause"], one["field"]
        named = _labelled(one.get("label", ""), field)
        yield book.say(f"cause_{cause}", field=named) if field else book.word("cause", cause), one["people"]


def _labelled(label: str, name: str) -> str:
    """A field as its platform shows it, with its API name behind."""
    return f"{label} ({name})" if label and label != name else name


def parked(facts: Facts) -> int:
    """Records of people that are parked, or that would be."""
    told = facts.get("accounts") or facts.get("plan", {}).get("counts", {})
    person = told.get("person", {})
    return int(person.get("buckets", person).get("parked", 0))


def parked_words(facts: Facts, book: Phrasebook) -> Phrase | None:
    """Why the causes tell fewer parked people than the accounts parked records."""
    people = sum(one["people"] for one in (facts.get("reach") or {}).get("kept", ()) if one["cause"] == "parked")
    records = parked(facts)
    return book.say("kept_parked", people=people, records=records) if people and people != records else None


def kept_sum(facts: Facts, book: Phrasebook) -> Phrase | None:
    """Everybody once: mailable, or not for a cause."""
    reach = facts.get("reach") or {}
    if "people" not in reach:
        return None
    unmailed = sum(one["people"] for one in reach["kept"])
    if reach["after"] is None:
        return book.say("kept_plan", people=reach["people"], kept=unmailed)
    return book.say("kept_sum", people=reach["people"], after=reach["after"], kept=unmailed)
