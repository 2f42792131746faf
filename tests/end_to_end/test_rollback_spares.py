"""Whom a rollback leaves alone, and what is left where one was killed; between two vendors in memory."""

from datetime import timedelta

import pytest

from mamigrate.model.kinds import Kind
from mamigrate.stages import rollback as stage
from mamigrate.testing.memory_state import BEGAN
from pair import Pair, Said, mailable

pytestmark = [pytest.mark.gate, pytest.mark.turns]

MOVE = ("--source", "old", "--target", "new")
NEWS = "mmNoTopicnews"


def rollback(pair: Pair, *words: str) -> Said:
    return pair.say("rollback", *MOVE, *words)


def killed(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("mapping", ["kept", "gone", "changed"])
def test_whoever_left_a_topic_where_a_mapping_kept_it_is_not_deleted(pair: Pair, mapping: str) -> None:
    pair.source.topic("news")
    pair.source.topic("events")
    pair.source.person("ana@x.example", id="5")
    pair.source.person("ben@x.example", id="6")
    pair.moved()
    path = pair.folder / "mapping.yaml"
    if mapping == "changed":
        path.write_text(path.read_text().replace(NEWS, "mmNoNewsTwo"))
        pair.moved()
    pair.landed("ana@x.example").values[NEWS] = "true"
    if mapping == "gone":
        path.unlink()
    assert "stays: 1 · people whom we created and who were denied on the target since" in rollback(pair).out
    assert rollback(pair, "--yes").code == 0
    assert [one.values["email"] for one in pair.target.people.values()] == ["ana@x.example"]
    pair.moved()
    assert pair.landed("ana@x.example").values[NEWS] == "true"


def test_whom_the_target_does_not_show_is_not_deleted(pair: Pair) -> None:
    pair.source.person("ana@x.example", id="5")
    pair.source.person("ben@x.example", id="6")
    pair.moved()
    hidden = pair.landed("ana@x.example")
    hidden.archived = True
    shown = rollback(pair).out
    assert "to delete: 1 people" in shown
    assert "stays: 1 · people whom we created and whom the target does not show now" in shown
    assert rollback(pair, "--yes").code == 0
    hidden.archived = False
    assert pair.target.people == {hidden.id: hidden}


def test_after_a_killed_rollback_a_run_moves_everybody_again(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    pair.source.person("ana@x.example", id="5", unsubscribed="true")
    pair.source.person("ben@x.example", id="6")
    pair.moved()
    with monkeypatch.context() as patched:
        patched.setattr(stage, "_close", killed)
        assert rollback(pair, "--yes").code != 0
    assert pair.target.people == {}
    said = pair.moved()
    assert said.buckets() == {"created": 2}
    assert [one.values["email"] for one in pair.target.people.values() if mailable(one)] == ["ben@x.example"]


def test_what_a_killed_rollback_did_not_delete_stays_ours(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    pair.source.person("ana@x.example", id="5")
    pair.source.person("ben@x.example", id="6")
    pair.moved()
    kept = pair.landed("ben@x.example")
    with monkeypatch.context() as patched:
        patched.setattr(stage, "_close", killed)
        rollback(pair, "--yes")
    pair.target.put(Kind.PERSON, kept)
    assert pair.moved().reasons() == {("created", "new"): 1, ("equal", "ledger"): 1}
    assert "to delete: 2 people" in rollback(pair).out


def test_a_denial_is_kept_for_everybody_who_stood_for_the_record(pair: Pair) -> None:
    """It was the first one's; later the second is the newer of the two, and at last each has an address of its own."""
    first = pair.source.person("ana@x.example", id="5", blocked="true")
    second = pair.source.person("ana@x.example", id="6")
    first.updated_at = BEGAN + timedelta(days=2)
    pair.source.person("ben@x.example", id="7")
    pair.moved()
    second.updated_at = BEGAN + timedelta(days=3)
    pair.moved()
    assert rollback(pair, "--yes").code == 0
    assert pair.target.people == {}
    del first.values["blocked"]
    first.values["email"] = "ana@y.example"
    pair.moved()
    assert not mailable(pair.landed("ana@x.example"))
    assert not mailable(pair.landed("ana@y.example"))
    assert mailable(pair.landed("ben@x.example"))
