"""What a plan says of days and calls: on the screen, in plan.json, in the report beside what it took, and when a quota ends."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from mamigrate.cli import app
from mamigrate.schedule.timetable import Endless
from mamigrate.stages import forecast
from rig import Rig

pytestmark = pytest.mark.gate

DIRECTION = ("--source", "hubspot", "--target", "marketo")


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Any:
    made = Rig(tmp_path_factory.mktemp("forecast"), people=200)
    yield made
    made.stop()


def settings(rig: Rig, section: str, line: str) -> None:
    """One more line in a section of the project's file."""
    path = rig.folder / "mamigrate.toml"
    text = path.read_text()
    head = f"[{section}]\n"
    path.write_text(text.replace(head, f"{head}{line}\n") if head in text else f"{text}\n{head}{line}\n")


def plan(rig: Rig, *words: str) -> tuple[str, str, dict[str, Any]]:
    """Screen, complaints and plan.json of a plan."""
    done = rig.command("plan", *DIRECTION, *words)
    assert done.returncode in (0, 3), done.stderr.decode()[-2000:]
    newest = max((rig.folder / ".mamigrate" / "plans").iterdir())
    return done.stdout.decode(), done.stderr.decode(), orjson.loads((newest / "plan.json").read_bytes())


def test_a_plan_tells_calls_days_and_what_binds(rig: Rig) -> None:
    screen, _, kept = plan(rig)
    facts = kept["forecast"]
    assert re.search(r"still to do: [\d,]+ calls in .* on 1 day, done by 20.* UTC, bound by ", screen)
    assert facts["calls"] == sum(one["units"] for one in facts["left"])
    assert facts["calls"] == sum(one["calls"] for one in facts["days"])
    assert facts["binds"][0]["limit"] == "one call at a time (this program)"
    named = {(one["side"], one["kind"], one["power"]): one for one in facts["routes"]}
    leads = named["marketo", "person", "write"]
    assert (leads["route"], [one["route"] for one in leads["others"]]) == ("sync leads", ["bulk import"])
    assert {one["name"] for one in facts["limits"]} >= {"calls a day", "calls in 20 s", "calls in 10 s", "imports"}
    (today,) = [one for one in facts["limits"] if (one["side"], one["name"]) == ("marketo", "calls a day")]
    assert (today["most"], today["ours"], today["zone"]) == (50_000, 45_000, "America/Chicago")
    choices = {one["policy"]: one for one in kept["history"]["choices"]}
    assert choices["none"]["days"] == 0 < choices["full"]["days"]
    days = [one["on"] for one in facts["deletions"]]
    assert days == sorted(days) and {one["what"] for one in facts["deletions"]} == {"archived"}
    archived = [
        body
        for kind in ("contacts", "companies", "deals")
        for _, body in rig.source.store.all(kind)
        if body.get("archived")
    ]
    assert 0 < sum(one["n"] for one in facts["deletions"]) <= len(archived)
    status = rig.command("status").stdout.decode()
    assert "forecast by its plan: " in status


def test_a_licence_that_ends_first_is_told_with_the_days(rig: Rig) -> None:
    yesterday = (datetime.now(UTC) - timedelta(days=2)).date()
    settings(rig, "project", f"licence_ends = {yesterday}")
    screen, _, kept = plan(rig)
    assert kept["forecast"]["licence"]["ends"] == str(yesterday)
    assert -3 < kept["forecast"]["licence"]["margin_days"] < 0
    assert "days before the licence ends" in screen
    report = orjson.loads(max((rig.folder / "reports").glob("*/run.json")).read_bytes())
    (found,) = [one for one in report["findings"] if one["code"] == "licence_ends_first"]
    assert (found["severity"], found["params"]["ends"]) == ("warn", str(yesterday))


def test_a_limit_that_leaves_nothing_is_told(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise Endless("calls a day")

    monkeypatch.setattr(forecast, "timetable", never)
    with pytest.raises(SystemExit):
        app.run(["plan", *DIRECTION, "--project", str(rig.folder)])
    newest = max((rig.folder / ".mamigrate" / "plans").iterdir())
    kept = orjson.loads((newest / "plan.json").read_bytes())
    report = orjson.loads(max((rig.folder / "reports").glob("*/run.json")).read_bytes())
    (found,) = [one for one in report["findings"] if one["code"] == "limit_leaves_nothing"]
    assert (found["severity"], found["params"], kept["forecast"]) == ("warn", {"limit": "calls a day"}, {})


def test_a_quota_that_ends_says_when_to_come_back_and_what_is_left_then(tmp_path: Path) -> None:
    made = Rig(tmp_path, people=200)
    try:
        settings(made, "connections.marketo", 'daily_quota = "100"')
        done = made.command("run", *DIRECTION)
        assert done.returncode == 5, done.stderr.decode()[-2000:]
        said = done.stderr.decode()
        (renewed,) = re.findall(r"It is renewed at (\S+)\.", said)
        (left,) = re.findall(r"From then on: ([\d,]+) calls in ", said)
        moment = datetime.fromisoformat(renewed)
        assert (moment.hour, moment.minute) == (0, 0)
        status = made.command("status").stdout.decode()
        assert f"come back at {moment.astimezone(UTC).isoformat()}, then: {left} calls" in status
        (whole,) = [orjson.loads(path.read_bytes()) for path in tmp_path.glob(".mamigrate/plans/*/plan.json")]
        assert 0 < int(left.replace(",", "")) < whole["forecast"]["calls"]
    finally:
        made.stop()


def test_the_report_holds_what_it_took_beside_the_forecast(tmp_path: Path) -> None:
    made = Rig(tmp_path, people=200)
    try:
        report = made.run()
        told, took = report["plan"]["forecast"], report["plan"]["took"]
        assert set(took["calls"]) == set(told["calls_by_side"]) == {"hubspot", "marketo"}
        assert took["calls"]["marketo"] == pytest.approx(told["calls_by_side"]["marketo"], rel=0.1)
        assert took["calls"]["hubspot"] <= 2, "how much it used is asked once more"
        page = (tmp_path / "reports" / str(report["run"]) / "run.html").read_text()
        assert "sync leads" in page and "Calls to marketo" in page
    finally:
        made.stop()
