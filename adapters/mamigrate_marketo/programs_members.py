"""Members of programs: statuses that only go forward, then the fields that keep the source's days.

Source: Adobe's developer docs, "Program members".
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

from mamigrate.chunks import chunks
from mamigrate.contract import Change, NeutralRow, Outcome, Status
from mamigrate.http.call import Rejected, Reply
from mamigrate.model.canonical import NotCanonical, canonical
from mamigrate.model.estate import DataType
from mamigrate_marketo import read, wire
from mamigrate_marketo.api import BATCH, Api
from mamigrate_marketo.paging import by_token
from mamigrate_marketo.programs import Programs, sent

PAST = "1037"
"""Somebody is in this status already, or past it: that is as good as written."""
TOO_MANY = "1003"
GONE = "1013"


class ProgramMembers:
    """Batches by program and status; people are named by id, never created."""

    def __init__(self, api: Api, programs: Programs) -> None:
        self._api, self._programs = api, programs

    def write(self, changes: Sequence[Change]) -> list[Outcome]:
        found: dict[int, Outcome] = {}
        for (program, status), some in _grouped(changes).items():
            for part in chunks(some, BATCH):
                found |= dict(zip(map(id, part), self._part(program, status, part), strict=True))
        return [found[id(one)] for one in changes]

    def _part(self, program: str, status: str, part: Sequence[Change]) -> list[Outcome]:
        """The status first: a field can be written of a member only (1013)."""
        outcomes = self._status(program, status, part) if status else [_known(one) for one in part]
        dated = [at for at, one in enumerate(part) if _fields(one) and outcomes[at].target_key]
        if not dated:
            return outcomes
        records = [{"leadId": int(part[at].links["person"][0]), **_fields(part[at])} for at in dated]
        inside = [part[at] for at in dated]
        for at, done in zip(
            dated, sent(inside, partial(self._api.set_member_data, program, records), "leadId"), strict=True
        ):
            outcomes[at] = _both(outcomes[at], done)
        return outcomes

    def _status(self, program: str, status: str, part: Sequence[Change]) -> list[Outcome]:
        leads = [int(one.links["person"][0]) for one in part]
        outcomes = sent(part, partial(self._api.set_status, program, status, leads), "leadId")
        return [_keyed(one, outcome) for one, outcome in zip(part, outcomes, strict=True)]

    # --- looking up --------------------------------------------------------------------------------------------------

    def find(self, by: str, values: Sequence[str], fields: Sequence[str]) -> list[NeutralRow]:
        """Everybody in these programs (``program``), or those of these memberships (``id``: ``<program>/<person>``)."""
        if by == "program":
            return [row for one in dict.fromkeys(values) for row in self._of(one, fields)]
        asked: dict[str, list[str]] = defaultdict(list)
        for value in values:
            program, slash, person = value.partition("/")
            if slash:
                asked[program].append(person)
        return [row for program, people in asked.items() for row in self._by_person(program, people, fields)]

    def _of(self, program: str, fields: Sequence[str]) -> Iterator[NeutralRow]:
        """By all statuses of the channel; of more members than that question takes, one by one."""
        try:
            rows = self._pages(
                partial(self._api.program_members, program, "statusName", self._statuses(program), _named(fields))
            )
        except Rejected as error:
            if error.code == GONE:
                return
            if error.code != TOO_MANY:
                raise
            everybody = self._pages(partial(self._api.people_of_program, program))
            yield from self._by_person(program, [wire.id_of(one) for one in everybody], fields)
            return
        yield from (_row(program, one, fields) for one in rows)

    def _by_person(self, program: str, people: Sequence[str], fields: Sequence[str]) -> Iterator[NeutralRow]:
        for part in chunks(people, BATCH):
            call = partial(self._api.program_members, program, "leadId", part, _named(fields))
            try:
                yield from (_row(program, one, fields) for one in self._pages(call))
            except Rejected as error:
                if error.code != GONE:
                    raise

    def _statuses(self, program: str) -> list[str]:
        """The words of the ladder. A comma in one would part it: such a program is asked for person by person."""
        found = self._programs.find("id", [program])
        if not found:
            raise Rejected(GONE, "the program is gone")
        ladder = self._programs.ladder(found[0]["channel"])
        if any("," in one for one in ladder):
            raise Rejected(TOO_MANY, "a status with a comma cannot be asked for")
        return ladder

    def _pages(self, page: Callable[[str], Reply]) -> list[wire.Json]:
        return list(by_token(page))


def _grouped(changes: Sequence[Change]) -> Mapping[tuple[str, str], list[Change]]:
    found: dict[tuple[str, str], list[Change]] = defaultdict(list)
    for one in changes:
        found[one.links["program"][0], one.values.get("status") or ""].append(one)
    return found


def _fields(change: Change) -> dict[str, str]:
    return {name: value for name, value in change.values.items() if name != "status" and value}


def _key(change: Change) -> str:
    return f"{change.links['program'][0]}/{change.links['person'][0]}"


def _known(change: Change) -> Outcome:
    return Outcome(change.source_key, Status.EQUAL, _key(change))


def _keyed(change: Change, outcome: Outcome) -> Outcome:
    if outcome.code == PAST:
        return _known(change)
    if outcome.status in (Status.REJECTED, Status.MAYBE):
        return Outcome(
            outcome.source_key, outcome.status, None, outcome.code, outcome.message, outcome.field, outcome.value
        )
    return Outcome(change.source_key, outcome.status, _key(change))


def _both(status: Outcome, fields: Outcome) -> Outcome:
    """A member stays one where the days were refused: that is told in code and message."""
    if fields.status is Status.MAYBE:
        return Outcome(status.source_key, Status.MAYBE, None, message=fields.message)
    if fields.status is Status.REJECTED:
        told = (fields.code, fields.message, fields.field, fields.value)
        return Outcome(status.source_key, status.status, status.target_key, *told)
    done = Status.UPDATED if status.status is Status.EQUAL else status.status
    return Outcome(status.source_key, done, status.target_key)


def _named(fields: Sequence[str]) -> list[str]:
    return sorted({"statusName", *fields})


def _row(program: str, one: wire.Json, fields: Sequence[str]) -> NeutralRow:
    person = wire.id_of(one, "leadId")
    return {
        "key": f"{program}/{person}",
        "program_key": program,
        "person_key": person,
        "status": wire.text(one, "statusName") or None,
        "succeeded": one.get("reachedSuccess") is True,
        "joined_at": read.moment(one, "membershipDate"),
        "updated_at": None,
        "values": {name: _instant(wire.text(one, name)) for name in fields if wire.text(one, name)},
    }


def _instant(text: str) -> str:
    try:
        return canonical(text, DataType.DATETIME)
    except NotCanonical:
        return text
