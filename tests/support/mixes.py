"""Eleven moves by their numbers, and what each of them asks of both vendors."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from random import Random

from benchmarks.least_time import Allowed

from call_events import Hand, Jumping, World
from counting import CountingVendor, hubspot, marketo
from mamigrate.capabilities import Power
from mamigrate.contract import Connection, Secret
from mamigrate.model.kinds import Kind
from mamigrate.schedule.choice import Chooser
from mamigrate.schedule.room import Side, Use
from mamigrate.schedule.work import Work, in_order, work
from mamigrate_hubspot.adapter import HubSpot
from mamigrate_hubspot.limits import DAY as OF_HUBSPOT
from mamigrate_marketo.adapter import Marketo
from mamigrate_marketo.limits import DAY as OF_MARKETO

WHOLE, HUNDREDTH = 1.0, 0.01
TYPES = 22
"""Calls to make types of activities."""
SOURCE, TARGET = "old", "new"


@dataclass(frozen=True)
class Mix:
    """``past``: activities by part of the source's history. ``others``: calls a second of other integrations on the target, ``used``
    what they took of the first day before. ``alone``: no others may be there, so all of the target's windows are ours.
    """

    name: str
    people: int
    past: Mapping[str, int] = field(default_factory=dict)
    companies: int = 0
    deals: int = 0
    members: int = 0
    others: float = 0.0
    alone: bool = False
    a_day: int = 50_000
    began: datetime = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)

    def part(self, share: float) -> "Mix":
        past = {name: math.ceil(n * share) for name, n in self.past.items()}
        numbers = {name: math.ceil(getattr(self, name) * share) for name in ("people", "companies", "deals", "members")}
        return replace(self, past=past, **numbers)


MILLION = 1_000_000
MIXES = (
    Mix("a million and fifty million", MILLION, {"email": 48 * MILLION, "form": MILLION, "sales": MILLION}),
    Mix("eight million without a past", 8 * MILLION, companies=2 * MILLION, deals=MILLION),
    Mix(
        "a million and thirty million",
        MILLION,
        {"email": 27 * MILLION, "sales": 3 * MILLION},
        companies=80_000,
        deals=50_000,
    ),
    Mix("few people with a long past", 20_000, {"email": 30 * MILLION}),
    Mix("forms, fifty a page", 250_000, {"form": 15 * MILLION}),
    Mix("sales", 900_000, {"sales": 20 * MILLION, "change": 5 * MILLION}, companies=200_000, deals=300_000),
    Mix("lists", 2 * MILLION, members=25 * MILLION),
    Mix("among busy others", 900_000, {"email": 30 * MILLION}, others=0.2),
    Mix("alone on the instance", MILLION, {"email": 20 * MILLION}, alone=True),
    Mix("the smallest contract", 300_000, {"email": 20 * MILLION}, a_day=10_000),
    Mix(
        "over the change of the clocks",
        500_000,
        {"email": 25 * MILLION},
        began=datetime(2026, 10, 30, 21, 0, tzinfo=UTC),
    ),
)


@dataclass(frozen=True)
class Asked:
    """A mix as work for both sides. ``days`` scales the day's quotas, so that a part of a mix takes as many days."""

    mix: Mix
    days: float = 1.0
    hands: int | None = None

    @property
    def quotas(self) -> Mapping[str, int]:
        return {SOURCE: round(250_000 * self.days), TARGET: round(self.mix.a_day * self.days)}

    @property
    def others(self) -> float:
        return self.mix.others * self.days

    def vendors(self, **more: object) -> dict[str, CountingVendor]:
        """``more`` is for the target."""
        one = hubspot(self.mix.began, a_day=self.quotas[SOURCE])
        two = marketo(self.mix.began, a_day=self.quotas[TARGET], others=self.others, **more)
        return {SOURCE: one, TARGET: two}

    def sides(self) -> dict[str, Side]:
        """As the program knows them: limits of the adapters, quotas as the vendors report them when it begins."""
        old = Connection(
            SOURCE,
            "hubspot",
            "http://127.0.0.1:1",
            "Europe/Berlin",
            {"explicit_consent": "true"},
            {"access_token": Secret("t")},
        )
        options = {"client_id": "i", "alone": str(self.mix.alone).lower(), "daily_quota": str(self.quotas[TARGET])}
        options["others_a_day"] = str(math.ceil(self.others * 86_400))
        new = Connection(TARGET, "marketo", "http://127.0.0.1:1", "UTC", options, {"client_secret": Secret("s")})
        used = self.vendors()[TARGET].used(0.0)
        uses = {
            SOURCE: {OF_HUBSPOT: Use(self.quotas[SOURCE])},
            TARGET: {OF_MARKETO: Use(self.quotas[TARGET], used)},
        }
        return {
            SOURCE: Side(SOURCE, HubSpot().bounds(old), uses[SOURCE], self.hands),
            TARGET: Side(TARGET, Marketo().bounds(new), uses[TARGET], self.hands),
        }

    def works(self) -> list[Work]:
        """Everything that the program does, by the routes that it chooses."""
        sides, mix, past = self.sides(), self.mix, sum(self.mix.past.values())
        old = Chooser(sides[SOURCE], HubSpot().routes, HubSpot().capabilities, mix.began)
        new = Chooser(sides[TARGET], Marketo().routes, Marketo().capabilities, mix.began)
        reads = [(Kind.PERSON, mix.people), (Kind.CONSENT_FACT, mix.people), (Kind.ACCOUNT, mix.companies)]
        reads += [(Kind.OPPORTUNITY, mix.deals), (Kind.LIST_MEMBERSHIP, mix.members)]
        chosen = [old.choose(kind, Power.READ, n) for kind, n in reads if n]
        chosen += [old.choose(Kind.ACTIVITY, Power.READ, n, part) for part, n in mix.past.items()]
        writes = [(Kind.PERSON, mix.people), (Kind.ACCOUNT, mix.companies), (Kind.OPPORTUNITY, mix.deals)]
        writes += [(Kind.LIST_MEMBERSHIP, mix.members), (Kind.ACTIVITY, past)]
        chosen_new = [new.choose(kind, Power.WRITE, n) for kind, n in writes if n]
        chosen_new.append(new.choose(Kind.PERSON, Power.READ_BACK, mix.people))
        named = [(SOURCE, one) for one in chosen] + [(TARGET, one) for one in chosen_new]
        return in_order(work(side, one.route, one.records) for side, one in named if one.route is not None)

    def phases(self) -> list[dict[str, int]]:
        """Calls by phase, counted again by hand: pages of the sheets, full batches; reading, writing, reading back."""
        mix, pages = self.mix, {"email": 1_000, "sales": 100, "form": 50, "change": 50}
        read = _full(mix.people, 100) + 2 * _full(mix.people, 100) + _full(mix.companies, 100) + _full(mix.deals, 100)
        read += _full(mix.members, 250) + sum(_full(n, pages[name]) for name, n in mix.past.items())
        before = {SOURCE: read}, {TARGET: _full(mix.companies, 300)}, {TARGET: _full(mix.people, 300)}
        past = _full(sum(mix.past.values()), 300)
        after = 2 * _full(mix.deals, 300) + _full(mix.members, 300) + (past and past + TYPES)
        return [*before, {TARGET: after}, {TARGET: _full(mix.people, 300)}]

    def allowed(self) -> dict[str, Allowed]:
        """A tenth is left to others; among others we keep to half of the target's window."""
        burst = 90 if self.mix.alone else 45
        used, others = self.vendors()[TARGET].used(0.0), math.floor(self.others * 86_400)
        return {
            SOURCE: Allowed(90, 10.0, self.quotas[SOURCE], 0.9, "Europe/Berlin"),
            TARGET: Allowed(burst, 20.0, self.quotas[TARGET], 0.9, "America/Chicago", used, others),
        }


def moved(asked: Asked, seed: int = 7, **more: object) -> World:
    """All of it as events. ``more`` is for the target."""
    clock = Jumping(asked.mix.began)
    vendors, sides = asked.vendors(**more), asked.sides()
    hands = {name: Hand(sides[name], vendors[name], clock) for name in sides}
    return World(asked.works(), hands, clock, Random(seed)).run()


def _full(records: int, size: int) -> int:
    return -(-records // size)
