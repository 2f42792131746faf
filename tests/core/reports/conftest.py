"""Small facts in every state a run can end in, and estate objects to make build sheets of."""

import copy
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from mamigrate.model.base import EstateObject, Origin, Reference
from mamigrate.model.estate import Asset, List, Owner, Program, Workflow
from mamigrate.model.kinds import Kind
from mamigrate.reports.build_sheet import Handed

Facts = dict[str, Any]
Estate = Mapping[Kind, list[EstateObject]]


@pytest.fixture
def loaded() -> Facts:
    """A run that came to its end and was proven."""
    return {
        "report": "run",
        "run": "20260401-090000-000",
        "version": "0.1.0",
        "model_version": "1.0",
        "project": "minamo",
        "source": {"name": "old", "title": "Old Platform"},
        "target": {"name": "new", "title": "New Platform"},
        "state": "loaded",
        "consent": "PASS",
        "masked": True,
        "command": "mamigrate run --source old --target new",
        "time_zone": "Asia/Tokyo",
        "began_at": "2026-04-01T00:00:00+00:00",
        "ended_at": "2026-04-01T00:10:00+00:00",
        "settled_due": "2026-04-02T00:10:00+00:00",
        "signer": None,
        "findings": [
            _finding(
                "parked", f"old/person/{n}", reason="address_too_long", detail="", field="email", value="a•••@x.example"
            )
            for n in range(5)
        ]
        + [_finding("type_lost", "old/person/9", field="birthday", value="1•••")],
        "decisions_open": [],
        "decisions": [
            {
                "id": "irreversible/create-fields",
                "choice": "accept",
                "who": "sato",
                "why": "agreed",
                "when": "2026-03-31",
            }
        ],
        "quota": [
            {"connection": "new", "name": "calls a day before", "used": 10, "limit": 50000},
            {"connection": "new", "name": "calls a day after", "used": 150, "limit": 50000},
        ],
        "effects": {
            "sent": [{"kind": "person", "calls": 5, "records": 1300}],
            "live_accepted": [],
            "crm_link": {"order": "crm_first", "sync": "paused", "match": ["email"], "owners": {}, "signed": "sato"},
            "crm_pushes": {"planned": 0, "actual": None},
        },
        "plan": {
            "id": "20260401-090000-000-1",
            "digest": "d" * 64,
            "calls": {"person": 4, "suppressed_address": 1},
            "writes": 1300,
            "counts": {"person": {"created": 1200, "updated": 100, "merged": 20, "left": 10, "parked": 5}},
        },
        "inputs": {
            "mapping": "a" * 64,
            "mapping_signed": "sato",
            "mapping_signed_at": "2026-03-30",
            "decisions": "b" * 64,
            "source_snapshot": "old-1",
            "target_snapshot": "new-1",
        },
        "read": {"person": 1335, "list": 12},
        "read_archived": {"person": 10},
        "not_read": ["activity"],
        "independent": {"person": 1325, "activity": None},
        "people": {"contracted": 2000, "new": 1212, "new_addresses": 12, "there": None},
        "lost_values": [{"kind": "person", "field": "birthday", "code": "type_lost", "values": 1}],
        "kept_values": [{"field": "title", "values": 3}],
        "company_values": [{"field": "industry", "values": 40}],
        "created_fields": [{"name": "mmSourceKey", "label": "MM Source Key", "type": "text", "own": True}],
        "fields_made": 1,
        "personal_data": {"folder": "/project/.mamigrate", "snapshots": ["old-1", "new-1"]},
        "accounts": {
            "person": {
                "read": 1335,
                "buckets": {"created": 1200, "updated": 100, "merged": 20, "left": 10, "parked": 5},
                "closed": True,
            },
            "list": {"read": 12, "buckets": {"created": 8, "handed": 4}, "closed": True},
        },
        "reasons": [
            _reason("person", "created", "new", 1200),
            _reason("person", "parked", "address_too_long", 5),
            _reason("person", "left", "archived", 10),
            _reason("list", "handed", "dynamic", 4),
        ],
        "census": {
            "verdict": "PASS",
            "allowed_and_mailable": 700,
            "allowed_not_mailable": 2,
            "allowed_without_address": 1,
            "allowed_denied_there": 1,
            "denied_not_mailable": 598,
            "denied_but_mailable": 0,
            "suppressed_addresses": 12,
            "unverified": 0,
            "topic_denials_lost": 0,
            "doubled": 0,
            "not_on_target": 9,
            "people_absent": 3,
            "addresses_absent": 6,
        },
        "reach": {
            "before": 740,
            "after": 700,
            "newly_reachable": 0,
            "steps": [
                {"cause": "opt_outs_from_files", "people": -30},
                {"cause": "merged", "people": -10},
                {"cause": "parked", "people": 0},
            ],
            "unexplained": 0,
        },
        "build_sheets": [
            {"kind": "list", "objects": 4, "page": "buildsheets/list.html", "types": {"list": 4}, "dangling": 1}
        ],
        "files": ["accounts.csv"],
    }


@pytest.fixture
def states(loaded: Facts) -> dict[str, Facts]:
    """One example of each way in which a run can stand."""
    made = {name: copy.deepcopy(loaded) for name in ("loaded", "planned", "blocked", "stopped", "failed", "incomplete")}
    for name in ("planned", "blocked"):
        made[name] |= {"state": name, "consent": None, "settled_due": None}
        made[name]["reach"] |= {"after": None, "newly_reachable": None}
        made[name]["effects"]["sent"] = []
        for key in ("accounts", "census"):
            del made[name][key]
    made["blocked"]["findings"].append(
        _finding("live_automation", "new/workflow/7", "block", name="Welcome", id="7"),
    )
    made["stopped"] = _before_any_plan(loaded)
    made["failed"] |= {"state": "failed", "consent": "FAIL"}
    made["failed"]["reach"]["newly_reachable"] = 2
    made["failed"]["census"] |= {"verdict": "FAIL", "denied_but_mailable": 2}
    made["failed"]["findings"].append(_finding("newly_reachable", "new/person/4", "block"))
    made["incomplete"]["consent"] = "INCOMPLETE"
    made["incomplete"]["census"] |= {"verdict": "INCOMPLETE", "unverified": 3}
    return made


def _before_any_plan(loaded: Facts) -> Facts:
    """Blocked before there was anything to count: a mapping that does not parse, for example."""
    kept = [
        "report",
        "run",
        "version",
        "model_version",
        "project",
        "source",
        "target",
        "masked",
        "command",
        "time_zone",
        "began_at",
        "ended_at",
        "signer",
        "quota",
        "effects",
    ]
    problem = _finding("mapping_invalid", "mapping.yaml:3:5", "block", problem="Field required", value="")
    more: Facts = {"state": "blocked", "consent": None, "settled_due": None, "findings": [problem], "decisions": []}
    empty: Facts = {"decisions_open": [], "reasons": [], "build_sheets": [], "files": []}
    facts = {name: copy.deepcopy(loaded[name]) for name in kept} | more | empty
    facts["effects"]["sent"] = []
    return facts


def _finding(code: str, subject: str, severity: str = "warn", **params: str) -> Facts:
    return {"code": code, "severity": severity, "subject": subject, "params": params}


def _reason(kind: str, bucket: str, reason: str, objects: int) -> Facts:
    row = {"kind": kind, "key": "17", "name": "n•••", "bucket": bucket, "reason": reason, "detail": "about it"}
    row["target_key"] = "t-17"
    return {"kind": kind, "bucket": bucket, "reason": reason, "objects": objects, "rows": [row]}


@pytest.fixture
def estate() -> Callable[[str], Estate]:
    """A small estate whose texts are all the given one: a list with a dangling reference, a workflow, an email ..."""

    def make(text: str) -> Estate:
        def origin(type: str, id: str) -> Origin:
            return Origin(connection="old", vendor_type=type, vendor_id=id)

        email = Asset(key="e1", name=text, origin=origin("email", "e1"), asset_type="email", raw={text: text})
        members = List(
            key="1",
            name=text,
            origin=origin("list", "1"),
            dynamic=True,
            size=42,
            folder=text,
            raw={"name": text, "filters": [{"value": "taro@minamo.example"}]},
            references=(Reference(kind=Kind.LIST, key="gone", role=text),),
        )
        flow = Workflow(
            key="7",
            name=text,
            origin=origin("flow", text),
            active=True,
            trigger_types=(text,),
            people_in_flight=3,
            references=(
                Reference(kind=Kind.LIST, key="1", role="suppression"),
                Reference(kind=Kind.ASSET, key="e1", role="send"),
            ),
        )
        owner = Owner(
            key="o",
            name="山田 太郎",
            origin=origin("owner", "o"),
            email="taro@minamo.example",
            raw={"lastName": "山田"},
        )
        program = Program(key="p", name=text, origin=origin("campaign", "p"), channel=text, cost="10")
        return {
            Kind.ASSET: [email],
            Kind.LIST: [members],
            Kind.WORKFLOW: [flow],
            Kind.OWNER: [owner],
            Kind.PROGRAM: [program],
        }

    return make


@pytest.fixture
def handed() -> dict[Kind, list[Handed]]:
    """Everything of ``estate`` is handed over."""
    keys = {Kind.ASSET: "e1", Kind.LIST: "1", Kind.WORKFLOW: "7", Kind.OWNER: "o", Kind.PROGRAM: "p"}
    return {kind: [Handed(key, "build_sheet", "no API")] for kind, key in keys.items()}
