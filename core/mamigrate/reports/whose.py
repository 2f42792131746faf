"""From the facts about one person to what the page shows: colours, periods, pairs of values. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from mamigrate.reports.grouping import as_finding
from mamigrate.reports.messages import LANGUAGES
from mamigrate.reports.phrases import Phrase, Phrasebook
from mamigrate.reports.standing import Facts, Tone
from mamigrate.reports.view import when

ALL = "*"


def whose(facts: Facts, book: Phrasebook) -> dict[str, Any]:
    """Everything the template asks for beside the facts."""
    zone = facts.get("time_zone", "UTC")
    return {
        "tone": tone(facts),
        "when": lambda text: when(text, zone),
        "near": lambda one: [book.word("near", how) for how in one["how"]],
        "cause": lambda one: cause(one, book),
        "kinds": lambda one: [book.word("fact", kind) for kind in one["kinds"]],
        "scope": lambda one: scope(one, book),
        "topic": lambda cell: cell.replace("|", " / "),
        "period": lambda one: period(one, book, zone),
        "fields": fields,
        "mailable": lambda known: mailable(known, book),
        "findings": [as_finding(one) for one in facts["findings"]],
    }


def tone(facts: Facts) -> Tone:
    """Bad where a record on the target can be mailed although nobody who has the address may be."""
    open_there = any(one["mailable_now"] for one in facts["target_records"])
    people = facts["people"]
    denied = all(one["denied"] for one in people) if people else any(map(_denies_all, facts["facts"]))
    return "bad" if open_there and denied else "calm"


def _denies_all(fact: Mapping[str, Any]) -> bool:
    return fact["counts"] and fact["polarity"] == "-" and (fact["brand"], fact["topic"]) == (ALL, ALL)


def cause(one: Mapping[str, Any], book: Phrasebook) -> Phrase:
    """Why somebody may not be mailed, or that nothing forbids it."""
    if one["cause"] == "open":
        return book.say("who_topics_only") if one["denied"] else book.say("who_open_cause")
    if one["field"]:
        return book.say("cause_held_by_field", field=one["field"])
    return book.word("cause", one["cause"])


def scope(one: Mapping[str, Any], book: Phrasebook) -> Phrase:
    """What a fact is about: everything, or a brand and a subscription type; and the channel, where that is not email."""
    parts = [part for part in (one["brand"], one["topic"]) if part != ALL]
    about = _as_it_is(" / ".join(parts)) if parts else book.say("who_everything")
    return about if one["channel"] in ("email", ALL) else book.join([about, _as_it_is(one["channel"])])


def _as_it_is(text: str) -> Phrase:
    return Phrase(dict.fromkeys(LANGUAGES, text))


def period(one: Mapping[str, Any], book: Phrasebook, zone: str) -> Phrase:
    """When it was said, as far as that is known, and until when it holds."""
    lo, hi = (when(one[name], zone) for name in ("lo", "hi"))
    if one["lo"] and one["lo"] == one["hi"]:
        said = _as_it_is(lo)
    elif one["lo"] and one["hi"]:
        said = book.say("who_between", lo=lo, hi=hi)
    elif one["lo"]:
        said = book.say("who_or_later", when=lo)
    else:
        said = book.say("who_or_earlier", when=hi) if one["hi"] else book.say("who_undated")
    return book.join([said, book.say("who_until", when=when(one["until"], zone))]) if one["until"] else said


def fields(one: Mapping[str, Any]) -> Iterator[tuple[str, str | None, str | None]]:
    """(field, before, now) of a record on the target, by name."""
    before, now = one["before"] or {}, one["now"] or {}
    for name in sorted({*before, *now}):
        yield name, before.get(name), now.get(name)


def mailable(known: bool | None, book: Phrasebook) -> Phrase:
    return book.say("who_unknown" if known is None else "who_yes" if known else "who_no")
