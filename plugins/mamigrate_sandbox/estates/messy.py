"""ミナモ計測機器 (Minamo Instruments, invented): a maker of measuring instruments with two brands and fifteen years of data.

Every number scales with the people; what marketers built does not. All hosts end in .example.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from mamigrate_sandbox.estates import crm_ids, messy_assets, messy_fields, messy_journeys, messy_lists
from mamigrate_sandbox.estates.messy_consent import Consents
from mamigrate_sandbox.estates.messy_people import MessyPeople
from mamigrate_sandbox.estates.names import company
from mamigrate_sandbox.estates.scatter import Scatter, dice
from mamigrate_sandbox.estates.world import (
    Account,
    CrmOptOut,
    Estate,
    Event,
    EventKind,
    LooseDenial,
    Opportunity,
    Person,
)

_EVENTS, _BOTS, _OLD = 60_000, 6_200, 19_000
_RUN: tuple[EventKind, ...] = ("SENT", "DELIVERED", "OPEN", "OPEN", "CLICK")
_OLD_AFTER = 780  # days: older than the 25 months that many platforms keep


@dataclass(frozen=True)
class Messy:
    """See the module. ``today`` anchors every date; ``people`` 200 or more."""

    people_count: int
    seed: int
    today: datetime
    name: str = "ミナモ計測機器"
    _people: MessyPeople = field(init=False, repr=False)
    estate: Estate = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_people", MessyPeople(self.people_count, self.seed, self.today))
        object.__setattr__(self, "estate", _estate(self.today))

    def people(self) -> Iterator[Person]:
        return iter(self._people)

    def person(self, number: int) -> Person:
        return self._people.of(number)

    def in_crm(self, role: str) -> Iterator[Person]:
        """People who play this part and whom the CRM knows."""
        census = self._people.census
        for ordinal in range(census.roles.count(role)):
            number = census.number(role, ordinal)
            if census.crm_kind(number):
                yield self.person(number)

    def accounts(self) -> Iterator[Account]:
        for number in range(self._people.accounts):
            name, host = company(number)
            at = dice(self.seed, number, "company")
            values = {
                "rank": "ABC"[at % 3] if at & 8 else "",
                "city": messy_fields.CITIES[at % 10],
                "phone": f"03-{at % 9000 + 1000}-{at // 7 % 9000 + 1000}",
            }
            created = self.today - timedelta(days=100 + at % 3400)
            yield Account(
                number,
                f"株式会社{name}",
                f"{host}.example",
                {k: v for k, v in values.items() if v},
                created,
                f"0015g00000{number:06d}AAA",
            )

    def opportunities(self) -> Iterator[Opportunity]:
        """640 at 5,000: ten unmoved for six months, six orders three weeks old."""
        stages = messy_fields.OPPORTUNITY_STAGES
        still, fresh = self._people.census.scaled(10), self._people.census.scaled(6)
        for number in range(self._people.census.scaled(640)):
            at = dice(self.seed, number, "deal")
            stage, age = stages[at % len(stages)][0], at % 160
            if number < still:
                stage, age = "quote", 183
            elif number < still + fresh:
                stage, age = "order", 21
            moved = self.today - timedelta(days=age)
            who = tuple({dice(self.seed, number * 3 + turn, "role") % self.people_count for turn in range(1 + at % 3)})
            yield Opportunity(
                number, f"{company(at % self._people.accounts)[0]} {('圧力計更新', '分光計', '校正一式', '水質監視')[at % 4]}",
                stage, (at >> 8) % 900 * 10_000, at % self._people.accounts, who, moved - timedelta(days=40 + at % 300),
                moved if stage in ("order", "lost") else self.today + timedelta(days=at % 120), moved, f"0065g00000{number:06d}AAA",
            )  # fmt: skip

    def events(self) -> Iterator[Event]:
        """60,000 at 5,000 people, of which 6,200 are bots'; 19,000 are older than 25 months."""
        census = self._people.census
        number = 0
        for event in self._failures():
            yield Event(number, *event)
            number += 1
        total = max(census.scaled(_EVENTS), number)
        runs, full = -(-(total - number) // len(_RUN)), (total - number) // len(_RUN)
        order = Scatter.over(max(1, full), self.seed * 31 + 5)
        bots, old = round(census.scaled(_BOTS) / 2), round(census.scaled(_OLD) / len(_RUN))
        for run in range(runs):
            at = dice(self.seed, run, "run")
            who = at % self.people_count
            address = self._people.address(who) or f"anonymous{run}@web.example"
            age = (
                _OLD_AFTER + (at >> 20) % 1000
                if run < full and order(run) < old
                else 1 + (at >> 20) % (_OLD_AFTER - 30)
            )
            began, mail = self.today - timedelta(days=age, seconds=(at >> 30) % 80_000), 1 + (at >> 8) % 240
            for place, kind in enumerate(_RUN[: total - number]):
                bot = place >= 3 and run < full and order.back(run) < bots
                when = began + timedelta(
                    seconds=(0, 4, 3_600, 7, 9)[place] if bot else (0, 4, 3_600, 90_000, 90_060)[place]
                )
                yield Event(number, who, address, kind, when, mail, bot)
                number += 1

    def _failures(self) -> Iterator[tuple[int, str, EventKind, datetime, int]]:
        census = self._people.census
        plans: tuple[tuple[EventKind, tuple[str, ...]], ...] = (
            ("BOUNCE", ("bounced", "cold_bounced")),
            ("SPAMREPORT", ("complained", "cold_complained")),
        )
        for kind, roles in plans:
            for role in roles:
                for ordinal in range(census.roles.count(role)):
                    person = self._people.of(census.number(role, ordinal))
                    when = person.bounce.at if person.bounce else person.complaint or person.created
                    yield person.number, person.address or "", kind, when, 1 + ordinal % 240

    def loose_denials(self) -> Iterator[LooseDenial]:
        archived = list(self._people.gone())

        def address_of(role: str, ordinal: int) -> str:
            if role == "archived":
                return archived[len(archived) - 1 - ordinal % len(archived)].address or ""
            return self._people.address(self._people.census.number(role, ordinal)) or ""

        yield from self._consents().loose_denials(address_of)

    def crm_opt_outs(self) -> Iterator[CrmOptOut]:
        census = self._people.census

        def crm_of(ordinal: int) -> tuple[str, str]:
            number = census.number("crm_optout", ordinal)
            return self._people.address(number) or "", crm_ids.made(census.crm_kind(number) or "contact", number)

        yield from self._consents().crm_opt_outs(crm_of)

    def erased(self) -> Iterator[tuple[str, datetime]]:
        """12 at 5,000: people deleted for good on their own wish."""
        for ordinal in range(self._people.census.scaled(12)):
            yield (
                f"sakujo{ordinal:03d}.{dice(self.seed, ordinal, 'erased') % 997}@minna.example",
                self.today - timedelta(days=20 + 11 * ordinal),
            )

    def _consents(self) -> Consents:
        return Consents(self._people.census, self.seed, self.today)


def _estate(today: datetime) -> Estate:
    fields = (*messy_fields.STANDARD, *messy_fields.OWN, *messy_fields.LEGACY)
    return Estate(
        brands=messy_fields.BRANDS,
        topics=messy_fields.TOPICS,
        fields=fields,
        spare_fields=messy_fields.SPARE,
        stages=messy_fields.STAGES,
        staff=messy_fields.STAFF,
        lists=(*messy_lists.static_lists(), *messy_lists.active_lists()),
        journeys=messy_journeys.journeys(),
        programs=messy_assets.programs(today),
        assets=(*messy_assets.emails(today), *messy_assets.forms(), *messy_assets.pages(), *messy_assets.images()),
        opportunity_stages=messy_fields.OPPORTUNITY_STAGES,
        crm=True,
        field_target=380,
        filled_fields=230,
    )
