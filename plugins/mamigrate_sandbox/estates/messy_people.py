"""The people of the messy estate, one at a time and in any order."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from mamigrate_sandbox.estates import addresses, crm_ids, messy_consent, messy_values
from mamigrate_sandbox.estates.census import PAIRS, Census, Part, Roll
from mamigrate_sandbox.estates.names import Names, company
from mamigrate_sandbox.estates.scatter import Scatter, below, dice
from mamigrate_sandbox.estates.world import CrmRecord, Person

_LADDER = ("NEW", "MCL", "MEL", "MQL", "SAL", "SQL", "CUSTOMER")
_FREE_HOSTS = ("mail-box.example", "keitai.example", "free-post.example")
_ADDRESS_QUIRKS = (
    ("full_width", 6),
    ("zero_width", 4),
    ("unicode_host", 4),
    ("plus", 4),
    ("unholdable", 4),
    ("no_at", 3),
)


class MessyPeople:
    """``of(number)`` for numbers 0 to people-1, and the archived ones behind them."""

    def __init__(self, people: int, seed: int, today: datetime) -> None:
        self.census, self.seed, self.today = Census(people, seed), seed, today
        self.names = Names(seed)
        self.accounts = self.census.scaled(900)
        self.archived = self.census.scaled(60)
        self._consent = messy_consent.Consents(self.census, seed, today)
        counts = tuple((name, self.census.scaled(count)) for name, count in messy_values.QUIRKS)
        self._quirks = Roll.of((*counts, ("", people - sum(count for _, count in counts))))
        self._quirk_order = Scatter.over(people, seed * 31 + 4)

    def __iter__(self) -> Iterator[Person]:
        for number in range(self.census.people):
            yield self.of(number)
        yield from self.gone()

    def gone(self) -> Iterator[Person]:
        """The archived records only."""
        return (self._archived(ordinal) for ordinal in range(self.archived))

    def of(self, number: int) -> Person:
        part, stage = self.census.part(number), self.census.stage(number)
        quirk = self._quirks.at(self._quirk_order.back(number))
        created = self._created(number)
        moves = self._moves(number, stage, created)
        account = dice(self.seed, number, "account") % self.accounts
        values = self._values(number, part, stage, moves[-1][0], account)
        values = messy_values.spoilt(values, quirk.role, quirk.ordinal)
        kind = self.census.crm_kind(number)
        person = Person(
            number=number,
            role=part.role,
            address=self.address(number, part),
            values=values,
            stage=stage.role,
            moves=moves,
            created=created,
            modified=max(moves[-1][0], created + timedelta(days=1)),
            marketing=self.census.roles.slot(part) < self.census.scaled(2_940),
            quirk=quirk.role,
            account=None if "company_name" not in values else account,
            crm=CrmRecord("lead" if kind == "lead" else "contact", crm_ids.made(kind, number)) if kind else None,
        )
        return self._consent.added(self._more(person, part), part)

    def address(self, number: int, part: Part | None = None) -> str | None:
        """The address on the record, as it was typed."""
        part = part or self.census.part(number)
        if part.role in ("no_address", "cold_no_address"):
            return None
        if part.role in ("twin_second", "cold_twin_second"):
            return _twin(self.address(self.census.number(PAIRS[part.role], part.ordinal)) or "", part.ordinal)
        if part.role in ("twin_first", "cold_twin_first") and part.ordinal % 4 == 2:
            return addresses.at_unicode_host(self._tidy(number))
        if part.role == "wide" and part.ordinal == 0:
            return addresses.sharp_s(number)
        if part.role == "fold_open":
            return addresses.double_s(self.census.number("wide", part.ordinal))
        if part.role == "wide" and part.ordinal in (1, 2, 3, 4):
            return addresses.unholdable(self._tidy(number), part.ordinal - 1)
        if part.role == "cold":
            return self._odd(number, part.ordinal)
        return self._tidy(number)

    def _tidy(self, number: int) -> str:
        host = company(dice(self.seed, number, "account") % self.accounts)[1]
        free = below(self.seed, number, "free host", 0.12)
        where = _FREE_HOSTS[number % 3] if free else f"{host}.example"
        return addresses.tidy(self.names.of(number), number, where)

    def _odd(self, number: int, ordinal: int) -> str:
        tidy = self._tidy(number)
        for quirk, count in _ADDRESS_QUIRKS:
            if ordinal < self.census.scaled(count):
                return {
                    "full_width": addresses.full_width(tidy),
                    "zero_width": addresses.zero_width(tidy),
                    "unicode_host": addresses.at_unicode_host(tidy),
                    "plus": tidy.replace("@", "+news@"),
                    "unholdable": addresses.unholdable(tidy, ordinal),
                    "no_at": tidy.replace("@", "＠" if ordinal % 2 else " at "),
                }[quirk]
            ordinal -= self.census.scaled(count)
        return tidy

    def _created(self, number: int) -> datetime:
        age = 3650 * (1 - number / self.census.people) + 2 + dice(self.seed, number, "age") % 20
        return self.today - timedelta(days=int(age), seconds=dice(self.seed, number, "clock") % 86_000)

    def _moves(self, number: int, stage: Part, created: datetime) -> tuple[tuple[datetime, str], ...]:
        """Dates on which the stage changed. Recycled people went forward and back again; some traps stand still."""
        if stage.role in _LADDER:
            path = list(_LADDER[1 : _LADDER.index(stage.role) + 1])
        else:
            path = ["MCL", "MEL", "MQL", *(("SAL", "MEL") if number % 3 == 0 else ()), stage.role]
        span = max(1.0, (self.today - created).total_seconds() - 86_400)
        moved = [created + timedelta(seconds=int(span * (at + 0.5) / (len(path) + 1))) for at in range(len(path))]
        still = self.census.scaled(8)
        if stage.role == "SAL" and stage.ordinal < 3 * still:
            moved[-1] = self.today - timedelta(days=89 + stage.ordinal // still)
        return tuple(zip([created, *moved[1:]] if len(moved) > 1 else moved, path, strict=True))

    def _values(self, number: int, part: Part, stage: Part, moved: datetime, account: int) -> messy_values.Values:
        if part.role == "fuzzy_second":
            first = self.census.number("fuzzy_first", part.ordinal)
            return messy_values.variant(
                self._values(first, self.census.part(first), stage, moved, account), part.ordinal
            )
        if part.role in PAIRS:
            number = self.census.number(PAIRS[part.role], part.ordinal)
        name, score = self.names.of(number), self._score(number, stage)
        return messy_values.tidy(self.seed, number, name, company(account)[0], moved, score, self.today)

    def _score(self, number: int, stage: Part) -> int:
        twelve, at = self.census.scaled(12), dice(self.seed, number, "score")
        if stage.role == "MEL":
            return 49 if stage.ordinal < twelve else at % 49
        if stage.role == "MQL":
            return 50 if stage.ordinal < twelve else 51 if stage.ordinal < 2 * twelve else 52 + at % 60
        return at % 40 if stage.role in ("MCL", "TRASH") else 40 + at % 100

    def _more(self, person: Person, part: Part) -> Person:
        """Second addresses, and records that were merged into this one earlier."""
        if part.role != "open" or person.address is None:
            return person
        if part.ordinal < self.census.scaled(40):
            person = replace(person, more_addresses=(f"old.{person.address}",))
        if part.ordinal < self.census.scaled(45):
            person = replace(
                person, absorbed=(person.number,) if part.ordinal % 3 else (person.number, person.number + 1)
            )
        return person

    def _archived(self, ordinal: int) -> Person:
        number = self.census.people + ordinal
        left = self.today - timedelta(days=1 + ordinal % 85)
        created = datetime(2019, 4, 1, tzinfo=UTC) + timedelta(days=ordinal)
        name = self.names.of(number)
        again = ordinal < max(1, self.archived // 6)  # archived under an address that a living record bears
        address = self.address(self.census.number("open", ordinal)) if again else self._tidy(number)
        values = {"family_name": name.family, "given_name": name.given, "minamo_score": "3"}
        moves = ((created, "MCL"),)
        return Person(number, "archived", address, values, "MCL", moves, created, left, marketing=False, archived=left)


def _twin(address: str, ordinal: int) -> str:
    if ordinal % 4 == 2:
        return addresses.at_ascii_host(address)
    return (addresses.full_width, addresses.zero_width, addresses.half_wide)[(ordinal % 4) % 3](address)
