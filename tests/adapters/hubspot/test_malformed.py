"""HubSpot's replies in every wrong shape: each case of ``malformed.cases`` has its typed outcome, and none permits by accident."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import orjson
import pytest

from cases import AT, SLOWEST, Case, Watch, each, is_accident, lacking, permission
from mamigrate.consent.facts import from_blockers, with_keys
from mamigrate.contract import Content, Landed
from mamigrate.http.call import Call, Reply
from mamigrate.model.estate import DataType
from mamigrate.model.kinds import Kind
from mamigrate_hubspot import codes, wire
from mamigrate_hubspot.adapter import HubSpotInstance
from mamigrate_hubspot.capabilities import BLOCKERS
from mamigrate_hubspot.read.context import write_types

CASES = Path(__file__).parent / "malformed.cases"
TYPES = {
    "createdate": DataType.DATETIME,
    "closed_at": DataType.DATETIME,
    "birthday": DataType.DATE,
    "amount": DataType.DECIMAL,
    "agreed": DataType.BOOLEAN,
    "interests": DataType.MULTI_CHOICE,
    "hs_email_optout": DataType.BOOLEAN,
    "hs_email_optout_9001": DataType.BOOLEAN,
}
FIELDS = {"text": "city", "number": "amount", "date": "birthday", "datetime": "closed_at", "bool": "agreed", "choices": "interests"}  # fmt: skip
READ_AT = "2026-06-01T00:00:00Z"
PEOPLE = '{"ana@x.example":["101"]}'
TOPICS = {"read_at": READ_AT, "topics": "9001:MKT,9002:SVC", "needed": "9001", "people": PEOPLE}
NOTHING = '{"subscriberIdString":"ana@x.example","subscriptionId":9001,"channel":"EMAIL","businessUnitId":0,"source":"Self Service Resubscription","timestamp":"2026-01-08T04:18:48Z"'  # fmt: skip


@pytest.fixture
def doors(hubspot: HubSpotInstance) -> Mapping[str, Callable[[Case], str]]:
    return Doors(hubspot).by_name()


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

    def __init__(self, instance: HubSpotInstance) -> None:
        self._instance = instance

    def by_name(self) -> Mapping[str, Callable[[Case], str]]:
        return {
            "body": lambda case: self._people(case.raw),
            "record": lambda case: self._people(f'{{"results":[{case.payload}]}}'.encode()),
            **dict.fromkeys(FIELDS, self._value),
            "email": self._email,
            "id": self._id,
            "ties": self._ties,
            "topic": lambda case: permission(self._person(f'"hs_email_optout_9001":{case.payload}')[1]),
            "all": lambda case: permission(self._person(f'"hs_email_optout":{case.payload}')[1]),
            "status": lambda case: self._statuses(f"{NOTHING},{case.payload}}}"),
            "statuses": lambda case: self._statuses(
                ",".join(f"{NOTHING},{one}}}" for one in case.payload.split(" & "))
            ),
            "reply": lambda case: self._reply(case.raw, "one", "statuses"),
            "batch": lambda case: self._reply(case.raw, "batch", "statuses"),
            "wide": lambda case: self._reply(
                f'{{"status":"COMPLETE","results":[{{"subscriberIdString":"ana@x.example",{case.payload}}}]}}'.encode(),
                "one",
                "wide",
            ),
            "change": self._change,
            "timeline": lambda case: self._timeline(case.raw),
            "paging": lambda case: str(wire.after(orjson.loads(f'{{"paging":{case.payload}}}'))),
            "more": lambda case: str(wire.more(orjson.loads(f"{{{case.payload}}}"))),
            "error": self._error,
            "property": self._property,
            "asset": self._asset,
            "member": self._member,
            "lists": self._lists,
            "list": lambda case: self._object(Kind.LIST, "lists", case),
            "flow": lambda case: self._object(Kind.WORKFLOW, "results", case),
        }

    # --- records -----------------------------------------------------------------------------------------------------

    def _content(self, body: bytes) -> Content:
        return self._instance.normalise(Kind.PERSON, Landed(body, {"read_at": READ_AT, "types": write_types(TYPES)}))

    def _people(self, body: bytes) -> str:
        content = self._content(body)
        told = sorted({problem.code for problem in content.problems})
        return ", ".join([f"{len(content.rows[Kind.PERSON])} people", *told])

    def _person(self, properties: str) -> tuple[Any, list[Any], Content]:
        """Read twice, so that the quick way through known names says the same."""
        body = f'{{"results":[{{"id":"101","properties":{{"email":"ana@x.example","hs_marketable_status":"true",{properties}}}}}]}}'.encode()
        content = self._content(body)
        assert self._content(body) == content
        (row,) = content.rows[Kind.PERSON]
        person = with_keys(row)
        facts = [*content.rows[Kind.CONSENT_FACT], *from_blockers(person, BLOCKERS, "src/person", AT)]
        return person, facts, content

    def _value(self, case: Case) -> str:
        name = FIELDS[case.door]
        person, _, content = self._person(f'"{name}":{case.payload}')
        bad = [problem.params["value"] for problem in content.problems if problem.code == "bad_value"]
        value = person["values"].get(name)
        if bad:
            assert value is None or value == bad[0]
            return "bad value, kept" if value else "bad value"
        return "none" if value is None else ascii(value)[1:-1]

    def _email(self, case: Case) -> str:
        body = f'{{"results":[{{"id":"101","properties":{{"email":{case.payload}}}}}]}}'.encode()
        (row,) = self._content(body).rows[Kind.PERSON]
        if row["email_strict"] is None:
            return "nobody" if row["email_loose"] is None else "denials only"
        return f"{ascii(row['email_strict'])[1:-1]}" + (
            "" if row["email_loose"] == row["email_strict"] else f" ~ {ascii(row['email_loose'])[1:-1]}"
        )

    def _id(self, case: Case) -> str:
        body = f'{{"results":[{{"id":{case.payload},"properties":{{}}}}]}}'.encode()
        content = self._content(body)
        assert self._content(body) == content
        (row,) = content.rows[Kind.PERSON]
        return str(row["key"])

    def _ties(self, case: Case) -> str:
        body = f'{{"results":[{{"id":"101","properties":{{}},"associations":{case.payload}}}]}}'.encode()
        (row,) = self._content(body).rows[Kind.PERSON]
        return " ".join(row["account_keys"]) or "none"

    # --- consent -----------------------------------------------------------------------------------------------------

    def _statuses(self, rows: str) -> str:
        return self._reply(f'{{"status":"COMPLETE","results":[{rows}]}}'.encode(), "one", "statuses")

    def _reply(self, body: bytes, form: str, reply: str) -> str:
        landed = Landed(body, {**TOPICS, "form": form, "reply": reply})
        content = self._instance.normalise(Kind.CONSENT_FACT, landed)
        rows = content.rows[Kind.CONSENT_FACT]
        assert len({row["key"] for row in rows}) == len(rows)
        brands = sorted({row["brand"] for row in rows if row["kind"] == "objection"} - {"*"})
        told = sorted({problem.code for problem in content.problems})
        return ", ".join([permission(rows), *(f"brand {one}" for one in brands), *told])

    def _change(self, case: Case) -> str:
        item = f'{{"timestamp":1767607200000,"recipient":"ana@x.example","changes":[{{{case.payload}}}]}}'
        return self._timeline(f'{{"timeline":[{item}]}}'.encode())

    def _timeline(self, body: bytes) -> str:
        content = self._instance.normalise(Kind.CONSENT_FACT, Landed(body, {"read_at": READ_AT}))
        rows = content.rows[Kind.CONSENT_FACT]
        # A grant of the timeline names no person: what it would end is asked of somebody with that address.
        return permission([row | {"person_key": row["person_key"] or "101"} for row in rows])

    # --- the rest ----------------------------------------------------------------------------------------------------

    def _error(self, case: Case) -> str:
        status, _, body = case.payload.partition(" ")
        error = codes.Judge("src")(Reply(Call("GET", "/x"), int(status), {}, body.encode()))
        return type(error).__name__ if error else "fine"

    def _property(self, case: Case) -> str:
        body = f'{{"results":[{{"name":"x","label":"X",{case.payload}}}]}}'.encode()
        (row,) = self._instance.normalise(Kind.FIELD, Landed(body, {"object": "contacts"})).rows[Kind.FIELD]
        return f"{row['data_type']}{' hidden' if row['hidden'] else ''}{' unique' if row['unique'] else ''}"

    def _asset(self, case: Case) -> str:
        return self._object(Kind.ASSET, "results", case, object="emails")

    def _member(self, case: Case) -> str:
        """A member that is nobody would be lost among those whom a list keeps unmailed."""
        landed = Landed(f'{{"results":[{{{case.payload}}}]}}'.encode(), {"list": "11"})
        (row,) = self._instance.normalise(Kind.LIST_MEMBERSHIP, landed).rows[Kind.LIST_MEMBERSHIP]
        return f"{row['list_key']} holds {row['person_key']}"

    def _lists(self, case: Case) -> str:
        landed = Landed(f'{{"lists":[{{"name":"N",{case.payload}}}]}}'.encode(), {})
        return " ".join(row["key"] for row in self._instance.normalise(Kind.LIST, landed).rows[Kind.LIST])

    def _object(self, kind: Kind, envelope: str, case: Case, **context: str) -> str:
        """Content of marketers: kept as it is, never evaluated."""
        one = f'{{"id":"1","listId":"1","name":"N",{case.payload}}}'
        content = self._instance.normalise(kind, Landed(f'{{"{envelope}":[{one}]}}'.encode(), context))
        (row,) = content.rows[kind]
        assert orjson.loads(one).items() <= row["raw"].items()
        kept = "kept, active" if row.get("active") else "kept"
        return " ".join([kept, *(f"{found['kind']}:{found['key']}" for found in row["references"])])
