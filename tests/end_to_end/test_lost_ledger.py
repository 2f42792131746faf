"""The ledger is lost: whoever was archived or merged away since is found by key, held, and what was refused there follows."""

import shutil

import pytest

from pair import Pair, mailable

pytestmark = [pytest.mark.gate, pytest.mark.turns]


def two(pair: Pair) -> None:
    pair.source.person("a@x.example", id="5")
    pair.source.person("b@x.example", id="6")
    pair.moved()


def lose(pair: Pair) -> None:
    shutil.rmtree(pair.folder / ".mamigrate")
    (pair.folder / "mapping.yaml").unlink(missing_ok=True)


def merge(pair: Pair) -> None:
    """The source merges the second into the first, and shows nothing of it any more."""
    pair.source.people["5"].merged = ["6"]
    del pair.source.people["6"]  # type: ignore[attr-defined]  # the state keeps a plain dict


@pytest.mark.parametrize("lost", [True, False])
def test_who_was_archived_is_held(pair: Pair, lost: bool) -> None:
    two(pair)
    pair.source.people["6"].archived = True
    if lost:
        lose(pair)
    said = pair.moved()
    assert not mailable(pair.landed("b@x.example"))
    assert mailable(pair.landed("a@x.example"))
    assert said.reasons("suppressed_address") == {("updated", "departed"): 1}
    assert pair.moved().report["plan"]["writes"] == 0


def test_who_was_merged_away_is_held(pair: Pair) -> None:
    two(pair)
    merge(pair)
    lose(pair)
    pair.moved()
    assert not mailable(pair.landed("b@x.example"))
    assert mailable(pair.landed("a@x.example"))


@pytest.mark.parametrize("lost", [True, False])
def test_what_the_target_refused_to_somebody_merged_away_holds_for_whoever_carries_on(pair: Pair, lost: bool) -> None:
    two(pair)
    pair.landed("b@x.example").values["blocked"] = "true"
    merge(pair)
    if lost:
        lose(pair)
    pair.moved()
    assert not any(mailable(one) for one in pair.target.people.values())


def test_a_second_record_with_the_key_is_held_too(pair: Pair) -> None:
    two(pair)
    key = pair.landed("b@x.example").values["mm_source_key"]
    pair.target.person("b.work@z.example", id="91", mm_source_key=key)
    merge(pair)
    lose(pair)
    said = pair.moved()
    assert not mailable(pair.target.people["91"])
    assert said.reasons("suppressed_address") == {("updated", "departed"): 2}


def test_a_record_of_another_platform_of_the_same_name_is_left_alone(pair: Pair) -> None:
    two(pair)
    there = dict(pair.landed("b@x.example").values)
    other = pair.source.people["6"]
    other.archived, other.created_at = True, other.created_at.replace(year=2011)
    other.values["email"] = "carl@z.example"
    lose(pair)
    pair.moved()
    assert pair.landed("b@x.example").values == there
