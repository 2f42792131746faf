"""A platform on which somebody works already: other fields and programs, and some of the messy estate's people."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from mamigrate_sandbox.estates import addresses, crm_ids, messy_fields
from mamigrate_sandbox.estates.census import LEAST
from mamigrate_sandbox.estates.messy import Messy
from mamigrate_sandbox.estates.names import Names, company
from mamigrate_sandbox.estates.world import (
    Account,
    Asset,
    Bounce,
    Brand,
    CrmOptOut,
    CrmRecord,
    Estate,
    Event,
    Field,
    Journey,
    LooseDenial,
    Opportunity,
    PeopleList,
    Person,
    Program,
    Staff,
    Step,
    Topic,
    WideDenial,
)

_BRAND = Brand("minamo", 0, "Minamo Global")
_TOPICS = (
    Topic("global/news", 98_001, "Global Newsletter", "minamo"),
    Topic("global/events", 98_002, "Global Events", "minamo"),
)
_FIELDS = (
    *(each for each in messy_fields.STANDARD if not each.key.startswith("crm_")),
    Field("gl_region", "Region", "text"),
    Field("gl_segment", "Segment", "choice", (("A", "A"), ("B", "B"), ("C", "C"))),
    Field("gl_memo", "Memo", "longtext"),
    Field("gl_partner", "Partner", "yesno"),
    Field("gl_last_visit", "Last visit", "date"),
    Field("gl_score_old", "Old score", "number"),
)
_EVERY, _AT = 20, 3  # 5 % of the people: those whose number leaves 3 when divided by 20


@dataclass(frozen=True)
class Lived:
    """``people_count`` and ``seed`` are those of the messy estate whose people turn up here again."""

    people_count: int
    seed: int
    today: datetime
    name: str = "Minamo Global"
    _messy: Messy = field(init=False, repr=False)
    estate: Estate = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_messy", Messy(max(LEAST, self.people_count), self.seed, self.today))
        object.__setattr__(self, "estate", _estate(self.today))

    def people(self) -> Iterator[Person]:
        """Whoever is known to the messy estate's CRM has its id here too, in either form: a platform shows it once the CRM
        is attached. The first of them is an exception: that id stands on a record of another address (``_own``)."""
        first = next((person for person in self._shared() if person.crm is not None), None)
        for met, person in enumerate(self._shared()):
            yield replace(person, crm=None if first and person.number == first.number else _spelt(person.crm, met))
        yield from self._own(first)

    def _shared(self) -> Iterator[Person]:
        """The same people with older values; every twelfth opted out here, a few bounced here."""
        met = 0
        for number in range(_AT, self.people_count, _EVERY):
            person = self._messy.person(number)
            if (
                person.address is None
                or not person.address.isascii()
                or len(person.address) > 255
                or person.address.count("@") != 1
            ):
                continue
            met += 1
            opted_out = WideDenial(None, self.today - timedelta(days=40 + met), "Recipient") if met % 12 == 0 else None
            bounce = Bounce(self.today - timedelta(days=70), "UNKNOWN_USER") if met % 30 == 7 else None
            yield replace(
                person, values=_older(person, met), role="shared", marketing=True, stage="MCL", moves=((person.created, "MCL"),),
                more_addresses=(), choices=(), wide=opted_out, past=(), bounce=bounce, complaint=None, quarantined=None, ineligible=False,
                exclusions=(), account=None, absorbed=(), archived=None, quirk="",
            )  # fmt: skip

    def _known(self, role: str) -> Iterator[CrmRecord]:
        """CRM records of people of the messy estate whose address is not here."""
        people = (person for person in self._messy.in_crm(role) if person.number % _EVERY != _AT)
        return (person.crm for person in people if person.crm is not None)

    def _own(self, first: Person | None) -> Iterator[Person]:
        """2 % more, whom the source never met: not by address. Some it did meet, as their ids of the CRM would tell."""
        names = Names(self.seed + 1)
        met = {1: self._known("open"), 4: self._known("cold_wide"), 5: self._known("wide")}
        for turn in range(max(2, self.people_count // 50)):
            number = 10_000_000 + turn
            name = names.of(number)
            created = self.today - timedelta(days=300 + turn % 200)
            values = {
                "family_name": name.family,
                "given_name": name.given,
                "gl_region": "EMEA",
                "gl_segment": "ABC"[turn % 3],
            }
            address = addresses.tidy(name, number, f"{company(turn % 40)[1]}.global.example")
            wide = WideDenial(None, created, "Recipient") if turn % 9 == 0 else None
            record = first.crm if first and turn == 2 else next(met.get(turn % 6, iter(())), None)
            yield Person(
                number, "own", address, values, "MCL", ((created, "MCL"),), created, created, marketing=True, wide=wide,
                crm=_spelt(record, turn),
            )  # fmt: skip

    def accounts(self) -> Iterator[Account]:
        return iter(())

    def opportunities(self) -> Iterator[Opportunity]:
        return iter(())

    def events(self) -> Iterator[Event]:
        return iter(())

    def loose_denials(self) -> Iterator[LooseDenial]:
        """Addresses of deleted people that stay opted out; one is an address of the source."""
        for turn in range(max(2, self.people_count // 500)):
            yield LooseDenial(
                f"deleted{turn:03d}@old.global.example", None, self.today - timedelta(days=200 + turn), "Recipient"
            )

    def crm_opt_outs(self) -> Iterator[CrmOptOut]:
        return iter(())

    def erased(self) -> Iterator[tuple[str, datetime]]:
        return iter(())


def _spelt(record: CrmRecord | None, turn: int) -> CrmRecord | None:
    """Every second id without its last three characters."""
    return replace(record, id=crm_ids.short(record.id)) if record and turn % 2 else record


def _older(person: Person, met: int) -> dict[str, str]:
    """What somebody typed here years ago: fewer values, some other than the source's."""
    kept = {
        key: value
        for key, value in person.values.items()
        if key in ("family_name", "given_name", "company_name", "phone")
    }
    kept["gl_segment"] = "ABC"[met % 3]
    if met % 4 == 0:
        kept |= {"phone": "+81-3-0000-0000", "job_title": "Engineer"}
    if met % 9 == 0:
        kept["gl_memo"] = "met at JASIS 2019; prefers phone"
    return kept


def _estate(today: datetime) -> Estate:
    emails = tuple(
        Asset(f"email_{n}", n, "email", f"GL-{n:02d} Global Newsletter", "Minamo Global News", "<p>Dear [[given]]</p><p>[[unsubscribe]]</p>", "global/news", "minamo", n % 3 != 0, at=today)
        for n in range(1, 9)
    )  # fmt: skip
    forms = tuple(
        Asset(
            f"form_{n}",
            n,
            "form",
            f"GL Contact {n}",
            topic="global/news",
            brand="minamo",
            parts=("email", "family_name"),
        )
        for n in (1, 2)
    )
    programs = tuple(
        Program(f"program_{n}", n, f"Global Webinar {n:02d}", "webinar", "minamo", today - timedelta(days=30 * n), today - timedelta(days=30 * n), False, 0, 15, emails=(n,), lists=(31,))
        for n in range(1, 6)
    )  # fmt: skip
    steps = (Step("send", "1", then=(1,)), Step("wait", "1440", then=(2,)), Step("set", "gl_segment", ("B",)))
    return Estate(
        brands=(_BRAND,), topics=_TOPICS, fields=_FIELDS, stages=messy_fields.STAGES,
        staff=(Staff(900, "j.keller@minamo-global.example", "Keller", "Jana"),),
        lists=(PeopleList("gl_vip", 31, "GL VIP", share=0.1), PeopleList("gl_press", 32, "GL Press", share=0.05), PeopleList("kyogo", 33, "GL Competitors", exclusion=True)),
        journeys=(
            Journey("gl_welcome", 3_101, "GL Welcome", "journey", True, steps, on=("form", "1")),
            Journey("gl_old", 3_102, "GL Old nurture", "dead", False, steps),
        ),
        programs=programs, assets=(*emails, *forms), opportunity_stages=messy_fields.OPPORTUNITY_STAGES,
    )  # fmt: skip
