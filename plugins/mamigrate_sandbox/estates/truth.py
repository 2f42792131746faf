"""What must be true of a world: whom its platform would write to, and how often each trap occurs.

A judgement of its own, from the world's values alone, so that a consent proof can be checked against it. The platform
here is HubSpot's kind: marketing contacts, wide opt-outs, topics, bounces, quarantine, graymail and exclusion lists.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import idna

from mamigrate_sandbox.estates.world import OWN_RETURN, LooseDenial, Person, World

_INVISIBLE = frozenset(
    "\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
_DOTS = str.maketrans("。．｡", "...")


@dataclass(slots=True)
class Verdict:
    """Of one loose address. ``before``: topics the platform sends to, through any of its records. ``ceiling``: topics
    that remain when the denials and holds of every record and of every spelling are united. ``why`` names what took
    something away; ``lifted``: topics beyond, to which the person came back by a form after having left everything."""

    loose: str
    records: list[int] = field(default_factory=list)
    before: frozenset[str] = frozenset()
    ceiling: frozenset[str] = frozenset()
    why: set[str] = field(default_factory=set)
    lifted: frozenset[str] = frozenset()


def loose(address: str) -> str:
    """Visible characters, one width, one case; the host in ASCII. What equals after that is one mailbox for a denial."""
    seen = "".join(letter for letter in address.strip() if letter not in _INVISIBLE)
    local, at, host = seen.rpartition("@")
    if not at:
        return unicodedata.normalize("NFKC", seen).casefold()
    return f"{_folded(local)}@{_ascii(host)}"


def verdicts(world: World, *, crm: bool = True) -> dict[str, Verdict]:
    """By loose address. ``crm``: opt-outs that only the CRM knows lower the ceiling too."""
    topics = {topic.key: topic.brand for topic in world.estate.topics if topic.active}
    found: dict[str, Verdict] = {}
    for person in world.people():
        if person.address is None or person.archived is not None:
            continue
        verdict = found.setdefault(loose(person.address), Verdict(loose(person.address)))
        open_topics = sendable(person, topics)
        verdict.before |= open_topics
        may = open_topics | returned(person, topics)
        verdict.lifted = (verdict.lifted | verdict.ceiling) & may if verdict.records else may
        verdict.ceiling = verdict.ceiling & open_topics if verdict.records else open_topics
        verdict.lifted -= verdict.ceiling
        verdict.records.append(person.number)
        verdict.why.update(reasons(person))
    for denial in world.loose_denials():
        _lower(found.get(loose(denial.address)), topics, denial.brand, "denied in another spelling")
    for opt_out in world.crm_opt_outs() if crm else ():
        _lower(found.get(loose(opt_out.address)), topics, None, "known to the CRM only")
    return found


def sendable(person: Person, topics: dict[str, str]) -> frozenset[str]:
    """Topics of which the platform would send a marketing email to this record."""
    if _held(person) or (person.wide is not None and person.wide.brand is None):
        return frozenset()
    declined = {choice.topic for choice in person.choices if not choice.wanted}
    brand = person.wide.brand if person.wide is not None else None
    return frozenset(key for key, owner in topics.items() if key not in declined and owner != brand)


def returned(person: Person, topics: dict[str, str]) -> frozenset[str]:
    """Topics that a person came back to after leaving everything."""
    if person.wide is None or person.wide.brand is not None or _held(person):
        return frozenset()
    came = (choice for choice in person.choices if choice.wanted and choice.how == OWN_RETURN)
    return frozenset(choice.topic for choice in came if choice.at > person.wide.at and choice.topic in topics)


def _held(person: Person) -> bool:
    held = person.bounce or person.complaint or person.quarantined or person.ineligible or person.exclusions
    return bool(held) or not person.marketing or person.address is None


def reasons(person: Person) -> Iterator[str]:
    """Every ground for not writing, most of them at once where several apply."""
    grounds = (
        ("opted out of everything", person.wide is not None and person.wide.brand is None),
        ("opted out of a brand", person.wide is not None and person.wide.brand is not None),
        ("declined a topic", any(not choice.wanted for choice in person.choices)),
        ("hard bounce", person.bounce is not None),
        ("complaint", person.complaint is not None),
        ("quarantined", person.quarantined is not None),
        ("graymail", person.ineligible),
        ("exclusion list", bool(person.exclusions)),
        ("not a marketing contact", not person.marketing),
    )
    return (name for name, holds in grounds if holds)


def census(world: World) -> Counter[str]:
    """Counts of everything worth counting: people, grounds, roles (``role/``), quirks (``quirk/``), stages (``stage/``)."""
    counts: Counter[str] = Counter()
    for person in world.people():
        if person.archived is not None:
            counts["archived"] += 1
            continue
        counts.update(
            (
                "people",
                "marketing" if person.marketing else "non-marketing",
                f"role/{person.role}",
                f"stage/{person.stage}",
            )
        )
        counts.update(reasons(person))
        counts.update([f"quirk/{person.quirk}"] if person.quirk else [])
        counts["without address"] += person.address is None
        counts["denied topic or brand"] += _topical(person)
        counts["country blank"] += "country" not in person.values
        counts[f"crm {person.crm.kind}" if person.crm else "not in crm"] += 1
        counts["merged records"] += len(person.absorbed)
        counts["stage moved backwards"] += person.stage == "RECYCLE"
    counts["addresses without a contact"] = sum(1 for _ in world.loose_denials())
    counts["known only to the crm"] = sum(1 for _ in world.crm_opt_outs())
    counts["erased"] = sum(1 for _ in world.erased())
    counts["accounts"] = sum(1 for _ in world.accounts())
    counts["opportunities"] = sum(1 for _ in world.opportunities())
    for event in world.events():
        counts["events"] += 1
        counts["bot events"] += event.bot
    return counts


def mailable(world: World) -> tuple[int, int]:
    """(loose addresses written to before, at most after): the number a director asks for."""
    found = verdicts(world).values()
    return sum(1 for one in found if one.before), sum(1 for one in found if one.ceiling)


def _topical(person: Person) -> bool:
    return any(not choice.wanted for choice in person.choices) or (
        person.wide is not None and person.wide.brand is not None
    )


def _lower(verdict: Verdict | None, topics: dict[str, str], brand: str | None, why: str) -> None:
    if verdict is not None:
        verdict.ceiling = frozenset(key for key in verdict.ceiling if brand is not None and topics[key] != brand)
        verdict.lifted = frozenset(key for key in verdict.lifted if brand is not None and topics[key] != brand)
        verdict.why.add(why)


def _folded(local: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", local).casefold())


def _ascii(host: str) -> str:
    shown = unicodedata.normalize("NFKC", host).translate(_DOTS).lower().rstrip(".")
    try:
        return idna.encode(shown, uts46=True).decode()
    except idna.IDNAError:
        return shown


def denials(world: World) -> Iterator[LooseDenial]:
    """Addresses that must end on the target's suppression list although nobody's record bears them."""
    borne = {loose(person.address) for person in world.people() if person.address and person.archived is None}
    return (denial for denial in world.loose_denials() if loose(denial.address) not in borne)
