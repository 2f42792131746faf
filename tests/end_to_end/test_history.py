"""History on its way: decided or not, written once for ever, settled when replies are lost, archived and searched."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from mamigrate.model.kinds import Kind
from mamigrate.testing.memory import MemoryInstance
from mamigrate.testing.memory_state import Happened, Record
from pair import Pair

FULL = 'policy = "full"\nsigned = "Kei"'
OLD = datetime(2019, 1, 1, tzinfo=UTC)


@pytest.fixture
def eventful(pair: Pair) -> Pair:
    """Ana with mails and a form, Ben with a call, an address that nobody has, and a machine."""
    ana, ben = (
        pair.source.person("ana@x.example", first_name="Ana"),
        pair.source.person("ben@x.example", first_name="Ben"),
    )
    for _ in range(25):
        pair.source.happens("email.open", address="Ana@x.example", values={"name": "Spring", "subject": "Hi"})
    pair.source.happens("form.submitted", ana.id, values={"name": "Contact", "field message": "x" * 5_000})
    pair.source.happens("sales.call", ben.id, values={"direction": "INBOUND"})
    pair.source.happens("email.click", address="nobody@x.example")
    pair.source.happens("email.open", address="ben@x.example", bot=True)
    pair.source.happens("email.open", address="ben@x.example", at=OLD)
    pair.source.happens("web.visit", ben.id, at=None)
    pair.toml["history"] = FULL
    return pair


def of(pair: Pair, email: str) -> list[Happened]:
    """What the target's log holds of a person."""
    return [one for one in pair.target.happened if one.person == pair.landed(email).id]


def kinds(found: list[Happened]) -> dict[str, int]:
    told = [f"{one.type.removeprefix('other.')}/{one.values['event']}" for one in found]
    return {name: told.count(name) for name in sorted(set(told))}


def test_everything_that_happened_ends_in_one_place(eventful: Pair) -> None:
    said = eventful.moved()
    assert kinds(of(eventful, "ana@x.example")) == {"mmEmail/open": 25, "mmForm/submitted": 1}
    assert kinds(of(eventful, "ben@x.example")) == {"mmEmail/open": 2, "mmSales/call": 1}
    assert said.reasons("activity") == {
        ("created", "new"): 29,
        ("left", "nobody_of_source"): 1,
        ("parked", "undated"): 1,
    }
    assert set(eventful.target.history_types) == {"mmEmail", "mmForm", "mmSales"}
    assert said.report["plan"]["calls"]["activity"] == 2
    (form,) = [one for one in of(eventful, "ana@x.example") if one.values["event"] == "submitted"]
    assert form.values["primary"] == "Contact"
    assert len(form.values["details"]) < 1_400
    cut = [f["params"] for f in said.report["findings"] if f["code"] == "details_cut"]
    assert cut == [{"field": "field message", "n": "1"}]


def test_a_second_run_writes_nothing_and_what_happened_since_comes_along(eventful: Pair) -> None:
    eventful.moved()
    before = list(eventful.target.happened)
    assert eventful.moved().buckets("activity") == {"equal": 29, "left": 1, "parked": 1}
    assert eventful.target.happened == before
    eventful.source.happens("email.click", address="ana@x.example")
    assert eventful.moved("--fresh").buckets("activity")["created"] == 1
    assert len(eventful.target.happened) == len(before) + 1


def test_without_a_decision_nothing_is_read_and_the_choice_is_told(eventful: Pair) -> None:
    del eventful.toml["history"]
    said = eventful.moved()
    assert eventful.target.happened == []
    assert "activity" not in said.report["accounts"]
    (asked,) = [one for one in said.report["findings"] if one["code"] == "history_undecided"]
    assert asked["params"] == {
        "minimum_activities": "1",
        "minimum_calls": "1",
        "full_activities": "31",
        "full_calls": "2",
    }
    assert {one["code"] for one in said.report["findings"]} >= {"activities_left"}


@pytest.mark.gate
@pytest.mark.turns
@pytest.mark.parametrize(
    ("decided", "carried"),
    [
        ('policy = "none"', {}),
        ('policy = "minimum"', {"mmForm/submitted": 1}),
        ('policy = "full"\nmonths = 60\nbots = false', {"mmEmail/open": 25, "mmForm/submitted": 1, "mmSales/call": 1}),
        ('policy = "none"\nfamilies = { sales = {} }', {"mmSales/call": 1}),
    ],
)
def test_what_goes_along_is_what_was_decided(eventful: Pair, decided: str, carried: dict[str, int]) -> None:
    eventful.toml["history"] = f'{decided}\nsigned = "Kei"'
    assert sum(eventful.moved().buckets("activity").values()) == 31
    assert kinds(eventful.target.happened) == carried


@pytest.mark.gate
@pytest.mark.turns
@pytest.mark.parametrize(
    ("decided", "calls"),
    [('policy = "none"\nfamilies = { email = {} }', 2), ('policy = "full"\nbots = false\nmonths = 60', 2)],
)
def test_the_forecast_is_of_what_was_decided(eventful: Pair, decided: str, calls: int) -> None:
    eventful.toml["history"] = f'{decided}\nsigned = "Kei"'
    said = eventful.moved()
    (chosen,) = [
        one
        for one in said.report["plan"]["history"]["choices"]
        if one["policy"] == said.report["plan"]["history"]["policy"]
    ]
    undated = {"mmWeb/visit": 1} if "full" in decided else {}  # counted, and parked in the end
    assert chosen["activities"] == len(eventful.target.happened) + len(undated)
    assert said.report["plan"]["calls"]["activity"] == chosen["calls"] == calls


@pytest.mark.gate
@pytest.mark.turns
def test_what_the_source_cannot_count_is_told(eventful: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    del eventful.toml["history"]
    monkeypatch.setattr(MemoryInstance, "activities", lambda self: {"page_views": None, "email_open": 3})
    told = {one["code"]: one["params"] for one in eventful.moved().report["findings"]}
    assert told["activities_uncounted"] == {"type": "page_views"}
    assert told["activities_left"] == {"type": "email_open", "n": "3"}


@pytest.mark.gate
@pytest.mark.turns
def test_a_plan_does_not_hold_for_another_decision(eventful: Pair) -> None:
    assert eventful.say("plan", "--source", "old", "--target", "new").code == 0
    eventful.toml["history"] = 'policy = "none"\nsigned = "Kei"'
    said = eventful.say("apply", "--source", "old", "--target", "new", "--json")
    assert said.code == 3, said.err
    assert [one["params"]["what"] for one in said.report["findings"] if one["code"] == "plan_outdated"] == ["[history]"]
    assert eventful.writes() == 0


@pytest.mark.gate
@pytest.mark.turns
def test_what_was_decided_after_a_run_that_stopped_is_read_all_the_same(eventful: Pair) -> None:
    """That run left what it had read of the source, without history."""
    decided = eventful.toml.pop("history")
    eventful.signed = False
    assert eventful.run().code == 3
    eventful.signed, eventful.toml["history"] = True, decided
    assert eventful.moved().buckets("activity")["created"] == 29


@pytest.mark.gate
@pytest.mark.turns
def test_what_the_target_would_drop_stays_in_the_archive(eventful: Pair) -> None:
    eventful.target.quirks.history_days = 700
    at = datetime.now(UTC) - timedelta(30)
    for one in eventful.source.happened:
        one.at = at if one.at is not None and one.at != OLD else one.at
    said = eventful.moved()
    assert said.reasons("activity")["left", "older_than_target_keeps"] == 1
    full = next(one for one in said.report["plan"]["history"]["choices"] if one["policy"] == "full")
    assert (full["activities"], full["swallowed"]) == (29, 1)


@pytest.mark.gate
@pytest.mark.turns
def test_what_was_written_for_somebody_who_was_merged_since_is_not_written_again(eventful: Pair) -> None:
    """The platform names the heir in the keys of what it tells then."""
    ben = next(one for one in eventful.source.people.values() if one.values["email"] == "ben@x.example")
    call = next(one for one in eventful.source.happened if one.type == "sales.call")
    call.id = f"calls/1/{ben.id}"
    eventful.moved()
    heir = eventful.source.person("ben@x.example", first_name="Benjamin")
    heir.merged.append(ben.id)
    del eventful.source.records[Kind.PERSON][ben.id]
    for one in eventful.source.happened:
        one.person = heir.id if one.person == ben.id else one.person
    call.id = f"calls/1/{heir.id}"
    before = len(eventful.target.happened)
    eventful.run("--fresh")
    assert len(eventful.target.happened) == before


@pytest.mark.gate
@pytest.mark.turns
def test_lost_replies_double_nothing(eventful: Pair) -> None:
    eventful.target.quirks.lose_replies = 40
    for _ in range(20):
        said = eventful.run()
        if said.code == 0:
            break
    assert said.code == 0
    keys = [one.values["source_key"] for one in eventful.target.happened]
    assert len(keys) == len(set(keys)) == 29
    assert eventful.moved().buckets("activity")["equal"] == 29


@pytest.mark.gate
@pytest.mark.turns
def test_another_project_finds_what_stands_already(eventful: Pair, tmp_path: Path) -> None:
    eventful.moved()
    another = Pair(tmp_path / "another", eventful.capture, eventful.source, eventful.target, toml={"history": FULL})
    another.folder.mkdir()
    eventful.toml, another.names = eventful.toml, eventful.names
    assert another.moved().buckets("activity") == {"equal": 29, "left": 1, "parked": 1}
    assert len(eventful.target.happened) == 29


@pytest.mark.gate
@pytest.mark.turns
def test_where_there_is_no_room_for_types_the_rarest_share_one(eventful: Pair) -> None:
    eventful.target.quirks.history_types = 2
    eventful.moved()
    assert set(kinds(eventful.target.happened)) == {"mmEmail/open", "mmHistory/call", "mmHistory/submitted"}


def test_a_type_that_the_target_refuses_stops_the_run(eventful: Pair) -> None:
    """The room was there when the plan was made."""
    eventful.target.quirks.history_types, eventful.target.quirks.lose_types = 10, 1
    said = eventful.run()
    assert (said.code, said.blocking) == (3, {"activity_type_refused"})
    assert eventful.target.happened == []
    assert eventful.moved().buckets("activity")["created"] == 29


def test_without_any_room_the_run_stops_before_it_writes(eventful: Pair) -> None:
    eventful.target.quirks.history_types = 0
    said = eventful.run()
    assert (said.code, said.blocking, eventful.writes()) == (3, {"history_no_room"}, 0)


@pytest.mark.gate
@pytest.mark.turns
def test_a_rollback_tells_what_stays_and_the_next_run_writes_the_rest_again(eventful: Pair) -> None:
    stranger = Record(id="t1", values={"email": "ben@x.example"})
    eventful.target.put(Kind.PERSON, stranger)
    eventful.moved()
    said = eventful.say("rollback", "--source", "old", "--target", "new", "--yes", "--json")
    assert said.code == 0, said.err
    stays = {one["code"]: one["number"] for one in said.report["stays"]}
    assert (stays["history"], stays["history_types"]) == (3, 3)
    assert {one.person for one in eventful.target.happened} == {"t1"}
    assert eventful.moved().buckets("activity") == {"created": 26, "equal": 3, "left": 1, "parked": 1}
    assert len(of(eventful, "ana@x.example")) == 26


# --- the archive -----------------------------------------------------------------------------------------------------


def found(pair: Pair, *words: str) -> tuple[int, list[dict[str, Any]]]:
    said = pair.say("archive", "--json", *words)
    assert said.code == 0, said.err
    told = orjson.loads(said.out)
    return told["found"], told["rows"]


def test_the_archive_holds_everything_once_and_is_searched(eventful: Pair) -> None:
    eventful.moved()
    eventful.source.happens("email.click", address="ana@x.example", values={"name": "Summer"})
    eventful.moved("--fresh")
    assert found(eventful)[0] == 32
    assert found(eventful, "--who", "ANA@x.example")[0] == 27
    assert found(eventful, "--type", "email.open", "--limit", "3")[0] == 27
    (newest,) = found(eventful, "--text", "summer")[1]
    assert (newest["activity_type"], newest["values"]) == ("email.click", {"name": "Summer"})
    (form,) = found(eventful, "--type", "form")[1]
    assert form["values"]["field message"] == "x" * 5_000
    assert found(eventful, "--until", "2020-01-01")[0] == 1
    plain = eventful.say("archive", "--type", "sales")
    assert "sales.call" in plain.out


@pytest.mark.gate
@pytest.mark.turns
def test_a_search_disturbs_no_run_that_is_at_work(eventful: Pair) -> None:
    eventful.moved()
    eventful.source.happens("sales.note", address="ana@x.example", values={"name": "\x1b[2J gone"})
    eventful.moved("--fresh")
    home = eventful.folder / ".mamigrate"
    begun, spilled = home / "archive" / "old-begun", home / "spill" / "engine"
    for path in (begun / "manifest.json", spilled):
        path.parent.mkdir(parents=True, exist_ok=True)
    whole = next(path for path in sorted((home / "archive").iterdir()) if path != begun) / "manifest.json"
    told = orjson.loads(whole.read_bytes())
    (begun / "manifest.json").write_bytes(orjson.dumps({**told, "id": "old-begun", "sealed_at": None}))
    spilled.write_bytes(b"")
    said = eventful.say("archive", "--type", "sales.note")
    assert "\\x1b[2J gone" in said.out
    assert (begun.exists(), spilled.exists()) == (True, True)
    eventful.moved("--fresh")
    assert not begun.exists()


@pytest.mark.parametrize(
    ("words", "told"), [((), "no history"), (("--since", "yesterday"), "yesterday"), (("--source", "gone"), "of gone")]
)
def test_what_cannot_be_searched_is_told(pair: Pair, words: tuple[str, ...], told: str) -> None:
    said = pair.say("archive", *words)
    assert (said.code, told in said.err) == (2, True), said.err


@pytest.fixture
def folders(eventful: Pair) -> Iterator[Path]:
    eventful.moved()
    yield eventful.folder / ".mamigrate" / "archive"


@pytest.mark.gate
@pytest.mark.turns
def test_the_archive_is_private(folders: Path) -> None:
    files = [path for path in folders.rglob("*") if path.is_file()]
    assert files
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
