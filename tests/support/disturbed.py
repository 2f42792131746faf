"""Moves that are disturbed and judged: what stands on the target after one, and who was mailable meanwhile."""

import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import flask

from mamigrate_sandbox.store import Store
from rig import Rig, ceilings, open_beyond, too_permissive, topic_ceilings
from thinned import thin


class Watch:
    """Looks at every lead that a call has just written: what is too permissive then is kept, an address or one of its topics."""

    def __init__(self, rig: Rig) -> None:
        self.seen: list[str] = []
        self.calls = 0
        self._rig, self._allowed, self._topics = rig, ceilings(rig.world), topic_ceilings(rig.world)
        app: flask.Flask = rig.target.faults._app  # type: ignore[assignment]  # the application behind the faults
        app.after_request(self._look)

    def _look(self, response: flask.Response) -> flask.Response:
        if flask.request.method == "POST" and flask.request.path == "/rest/v1/leads.json":
            answer: Any = response.get_json(silent=True) or {}
            ids = [str(one["id"]) for one in answer.get("result") or [] if one.get("status") in ("created", "updated")]
            self.calls += bool(ids)
            leads = self._rig.target.store.get_many("leads", ids).values()
            self.seen += too_permissive(leads, self._allowed)
            beyond = open_beyond(leads, self._topics, self._rig.world)
            self.seen += [f"{loose} {topic}" for loose, topics in beyond.items() for topic in sorted(topics)]
        return response


STAMPS = ("id", "createdAt", "updatedAt", "marketoGUID", "seq", "computedUrl")
KEYED = {"companies": ("externalCompanyId", "company"), "opportunities": ("externalOpportunityId",)}
"""By what records around people are told apart: the first that they have."""


CUSTOM = 100_001
"""The first id of a type of activities that somebody made."""


def state(rig: Rig) -> dict[str, dict[str, Any]]:
    return of_store(rig.target.store)


def of_store(store: Store) -> dict[str, dict[str, Any]]:
    """People by our key or address, and what hangs on them by kind and name: of each how often it stands there."""
    leads = {str(body["id"]): body for _, body in store.all("leads")}
    people = of_leads(list(leads.values()))
    names = {id: _name(lead) for id, lead in leads.items()}
    counted = Counter(_around(store, names))
    assert not people.keys() & counted.keys()
    return people | {thing: {"stands there": n} for thing, n in counted.items()}


def _around(store: Store, names: dict[str, str]) -> Iterator[str]:
    """Lists, members, companies, deals and who takes part in them, and history, each with all that it says."""
    lists = {id: str(body["name"]) for id, body in store.all("lists")}
    yield from (f"list {name}" for name in lists.values())
    for list, lead, _ in store.all_links("list-member"):
        yield f"member of {lists.get(list, f'no list {list}')}: {names.get(lead, f'nobody {lead}')}"
    for kind, keys in KEYED.items():
        for _, body in store.all(kind):
            key = next((body[key] for key in keys if body.get(key)), "")
            yield f"{kind} {key}: {sorted((n, str(v)) for n, v in body.items() if n not in STAMPS)}"
    for _, body in store.all("opportunity-roles"):
        lead = names.get(str(body["leadId"]), f"nobody {body['leadId']}")
        yield f"role {body.get('role')} of {lead} in {body['externalOpportunityId']}"
    types = {body["id"]: body.get("apiName") for _, body in store.all("activity-types")}
    for _, body in store.all("activities"):
        if body["activityTypeId"] >= CUSTOM:
            said = sorted((one["name"], one["value"]) for one in body["attributes"])
            lead = names.get(str(body["leadId"]), f"nobody {body['leadId']}")
            yield f"{types[body['activityTypeId']]} of {lead} at {body['activityDate']}: {body['primaryAttributeValue']} {said}"


def _name(lead: dict[str, Any]) -> str:
    return str(lead.get("mmSourceKey") or lead.get("email") or lead["id"])


def of_leads(leads: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Leads by our key, else by address, without what the platform stamps."""
    named = {_name(lead): lead for lead in leads}
    assert len(named) == len(leads), "a person stands twice on the target"
    # A boolean that was never written reads false on Marketo, so both are the same state.
    return {key: {n: v for n, v in lead.items() if n not in STAMPS and v is not False} for key, lead in named.items()}


def differences(found: dict[str, dict[str, Any]], expected: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """What stands on one side only, and by person or thing the fields that differ with (found, expected)."""
    lone = {key: "only here" if key in found else "only there" for key in found.keys() ^ expected.keys()}
    both = {key: _fields(found[key], expected[key]) for key in found.keys() & expected.keys()}
    return lone | {key: fields for key, fields in both.items() if fields}


def _fields(found: dict[str, Any], expected: dict[str, Any]) -> dict[str, Any]:
    names = found.keys() | expected.keys()
    return {name: (found.get(name), expected.get(name)) for name in names if found.get(name) != expected.get(name)}


def seeded(folder: Path, people: int) -> Path:
    """Both platforms as they are before a move: made once, so that all moves begin alike."""
    folder.mkdir()
    rig = Rig(folder, people=people)
    thin(rig.source.store)
    rig.stop()
    return folder


def copied(seeded: Path, folder: Path) -> Path:
    shutil.copytree(seeded, folder)
    return folder


def undisturbed(folder: Path, people: int) -> dict[str, dict[str, Any]]:
    """What stands on the target after a run that nobody disturbed."""
    rig = Rig(folder, people=people)
    try:
        rig.run()
        return state(rig)
    finally:
        rig.stop()


def end_as(rig: Rig, expected: dict[str, dict[str, Any]], *, again: bool = True) -> None:
    """The target holds what is expected, nothing was sent, and one more run, if ``again``, writes nothing."""
    assert differences(state(rig), expected) == {}
    assert rig.side_effects() == {"sends": 0, "enrolments": 0, "crm_pushes": 0}
    if not again:
        return
    before = rig.writes()
    report = rig.run()
    assert rig.writes() - before == {}
    assert {kind for kind, one in report["accounts"].items() if not one["closed"]} == set()
