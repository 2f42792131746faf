"""Moves that are disturbed and judged: what stands on the target after one, and who was mailable meanwhile."""

import shutil
from pathlib import Path
from typing import Any

import flask

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


STAMPS = ("id", "createdAt", "updatedAt")


def state(rig: Rig) -> dict[str, dict[str, Any]]:
    return of_leads(rig.leads())


def of_leads(leads: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Leads by our key, else by address, without what the platform stamps."""
    named = {str(lead.get("mmSourceKey") or lead.get("email") or lead["id"]): lead for lead in leads}
    assert len(named) == len(leads), "a person stands twice on the target"
    # A boolean that was never written reads false on Marketo, so both are the same state.
    return {key: {n: v for n, v in lead.items() if n not in STAMPS and v is not False} for key, lead in named.items()}


def differences(found: dict[str, dict[str, Any]], expected: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """People that stand on one side only, and by person the fields that differ with (found, expected)."""
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
    """The target's people by address or key after a run that nobody disturbed."""
    rig = Rig(folder, people=people)
    try:
        rig.run()
        return state(rig)
    finally:
        rig.stop()


def end_as(rig: Rig, expected: dict[str, dict[str, Any]]) -> None:
    """The target holds what is expected, nothing was sent, and one more run writes nothing."""
    assert differences(state(rig), expected) == {}
    assert rig.side_effects() == {"sends": 0, "enrolments": 0, "crm_pushes": 0}
    before = rig.writes()
    report = rig.run()
    assert rig.writes() - before == {}
    assert {kind for kind, one in report["accounts"].items() if not one["closed"]} == set()
