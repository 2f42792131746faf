"""Marketo's replies in every wrong shape: each case of ``malformed.cases`` has its typed outcome, and none permits by accident."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from cases import AT, SLOWEST, Case, Watch, each, is_accident, lacking, permission
from mamigrate.consent.facts import from_blockers, with_keys
from mamigrate.contract import Change, Landed, Outcome
from mamigrate.http.call import Call, Reply
from mamigrate.model.kinds import Kind
from mamigrate_marketo import api, codes, wire
from mamigrate_marketo.adapter import MarketoInstance
from mamigrate_marketo.capabilities import BLOCKERS
from mamigrate_marketo.settings import options

CASES = Path(__file__).parent / "malformed.cases"
LEADS = "/rest/v1/leads.json"
FIELDS = {"text": "firstName", "number": "annualRevenue", "whole": "leadScore", "date": "dateOfBirth", "datetime": "emailSuspendedAt", "bool": "blackListed"}  # fmt: skip
SINCE = datetime(2026, 5, 1, tzinfo=UTC)
TOPICS = {"prefNews": "false", "noNews": "true"}
BEGUN = {"requestId": "1#1", "success": True, "nextPageToken": "T1"}
QUIET = {**BEGUN, "moreResult": False}
ANA = '"id":101,"email":"ana@x.example","createdAt":"2026-01-05T10:00:00Z"'


@pytest.fixture
def doors(vendor: Any, marketo: MarketoInstance) -> Mapping[str, Callable[[Case], str]]:
    return Doors(vendor, marketo).by_name()


@each(CASES)
def test_each_case_has_its_outcome(doors: Mapping[str, Callable[[Case], str]], case: Case) -> None:
    watch = Watch()
    assert watch.outcome(doors[case.door], case) == case.outcome
    assert watch.seconds < SLOWEST
    assert not is_accident(case)


def test_there_are_enough_cases_of_each_family() -> None:
    assert lacking(CASES) == {}


class Doors:
    """Where a payload enters, and what is told of what comes of it."""

    def __init__(self, vendor: Any, instance: MarketoInstance) -> None:
        self._vendor, self._instance = vendor, instance

    def by_name(self) -> Mapping[str, Callable[[Case], str]]:
        return {
            "body": lambda case: f"{len(self._found(case.raw))} people",
            "lead": lambda case: f"{len(self._found(_well(f'[{case.payload}]')))} people",
            **dict.fromkeys(FIELDS, self._value),
            "email": self._email,
            "id": lambda case: str(self._found(_well(f'[{{"id":{case.payload},"email":"ana@x.example"}}]'))[0]["key"]),
            "flag": lambda case: self._standing(f'"unsubscribed":{case.payload}'),
            "flags": lambda case: self._standing(case.payload),
            "row": self._row,
            "log": lambda case: self._log(case.raw),
            "token": lambda case: str(wire.token(orjson.loads(f"{{{case.payload}}}"))),
            "begin": self._begin,
            "error": self._error,
            "login": self._login,
            "written": self._written,
            "field": self._field,
            "email-asset": lambda case: self._object(Kind.ASSET, "emails", case),
            "program": lambda case: self._object(Kind.PROGRAM, "programs", case),
            "campaign": lambda case: self._object(Kind.WORKFLOW, "smartCampaigns", case),
            "channel": lambda case: self._object(Kind.CHANNEL, "channels", case),
            "list": lambda case: self._object(Kind.LIST, "staticLists", case),
        }

    # --- people ------------------------------------------------------------------------------------------------------

    def _found(self, body: bytes) -> Any:
        self._vendor.on("POST", LEADS, body)
        return self._instance.find(Kind.PERSON, "id", ["101"], list(FIELDS.values()))

    def _person(self, fields: str) -> Any:
        (row,) = self._found(_well(f"[{{{ANA},{fields}}}]"))
        return row

    def _value(self, case: Case) -> str:
        value = self._person(f'"{FIELDS[case.door]}":{case.payload}')["values"].get(FIELDS[case.door])
        return "none" if value is None else ascii(value)[1:-1] if value.strip(" ") else "blank"

    def _email(self, case: Case) -> str:
        (row,) = self._found(_well(f'[{{"id":101,"email":{case.payload}}}]'))
        if row["email_strict"] is None:
            return "nobody" if row["email_loose"] is None else "denials only"
        loose = "" if row["email_loose"] == row["email_strict"] else f" ~ {ascii(row['email_loose'])[1:-1]}"
        return f"{ascii(row['email_strict'])[1:-1]}{loose}"

    def _standing(self, fields: str) -> str:
        person = with_keys(self._person(fields))
        return permission(from_blockers(person, BLOCKERS, "dst/person", AT))

    # --- the log -----------------------------------------------------------------------------------------------------

    def _row(self, case: Case) -> str:
        """A change of a flag, of somebody who is unsubscribed now: told where the row may mean that."""
        row = f'{{"id":1,"leadId":101,"activityDate":"2026-05-05T10:00:00Z","activityTypeId":13,{case.payload}}}'
        return self._log(_well(f"[{row}]", '"nextPageToken":"T2","moreResult":false'))

    def _log(self, body: bytes) -> str:
        self._vendor.on("GET", "/rest/v1/activities/pagingtoken.json", BEGUN)
        self._vendor.on("GET", "/rest/v1/activities.json", QUIET)
        self._vendor.on("GET", "/rest/v1/activities/leadchanges.json", body)
        self._vendor.on("POST", LEADS, _well(f'[{{{ANA},"unsubscribed":true,"noNews":true,"prefNews":false}}]'))
        first = self._instance.denials_since(SINCE, None, TOPICS)
        page = self._instance.denials_since(SINCE, first.next, TOPICS)
        own = " by the person" if page.native else ""
        topics = "".join(f" {one}" for one in TOPICS if permission(page.facts, topic=one) == "denied")
        wide = permission(page.facts)
        return f"{'denied' if topics and wide == 'open' else wide}{topics if wide == 'open' else ''}{own}"

    def _begin(self, case: Case) -> str:
        self._vendor.on("GET", "/rest/v1/activities/pagingtoken.json", f'{{"success":true,{case.payload}}}'.encode())
        self._vendor.on("GET", "/rest/v1/activities.json", QUIET)
        return "begun" if self._instance.denials_since(SINCE, None, TOPICS).next else "over"

    # --- the rest ----------------------------------------------------------------------------------------------------

    def _error(self, case: Case) -> str:
        status, _, body = case.payload.partition(" ")
        error = codes.Judge("dst")(Reply(Call("GET", "/x"), int(status), {}, body.encode()))
        return type(error).__name__ if error else "fine"

    def _login(self, case: Case) -> str:
        self._vendor.on("GET", "/identity/oauth/token", case.raw)
        token, seconds = api.fetch_token(self._instance._session, options(self._instance.connection))
        return f"{token or 'no token'} for {seconds:.0f} s"

    def _written(self, case: Case) -> str:
        """Two new people were sent."""
        self._vendor.on("POST", LEADS, case.raw)
        changes = [Change(key, None, {"mmSourceKey": key, "email": f"{key}@x.example"}) for key in ("a", "b")]
        return " ".join(_told(one) for one in self._instance.write(Kind.PERSON, changes))

    def _field(self, case: Case) -> str:
        body = _well(f'[{{"fields":[{{"name":"x","displayName":"X",{case.payload}}}]}}]')
        (row,) = self._instance.normalise(Kind.FIELD, Landed(body, {"object": "leads"})).rows[Kind.FIELD]
        limit = f" of {row['max_bytes']} bytes" if row["max_bytes"] else ""
        return f"{row['data_type']}{limit}{' read only' if row['read_only'] else ''}"

    def _object(self, kind: Kind, name: str, case: Case) -> str:
        """Content of marketers: kept as it is, never evaluated."""
        one = f'{{"id":1,"name":"N",{case.payload}}}'
        content = self._instance.normalise(kind, Landed(_well(f"[{one}]"), {"object": name}))
        (row,) = content.rows[kind]
        assert orjson.loads(one).items() <= row["raw"].items()
        return "kept, active" if row.get("active") else "kept"


def _well(result: str, more: str = '"requestId":"1#1"') -> bytes:
    return f'{{"success":true,"result":{result},{more}}}'.encode()


def _told(outcome: Outcome) -> str:
    return f"{outcome.status}{f':{outcome.target_key}' if outcome.target_key else ''}{f'({outcome.code})' if outcome.code else ''}"
