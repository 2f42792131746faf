"""Why each cell is open: written beside the records of consent by a run, and judged again from the two files alone."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from mamigrate.consent.proof.record import Chain
from mamigrate.stages.derivations import SUFFIX, trouble
from mamigrate.testing.memory_state import OptOut, Yes
from pair import Pair, everything

pytestmark = [pytest.mark.gate, pytest.mark.turns]

LEFT, BACK = datetime(2021, 5, 1, 9, tzinfo=UTC), datetime(2023, 5, 1, 9, tzinfo=UTC)


def moved(pair: Pair) -> tuple[Path, Path]:
    """Somebody who came back to the news, somebody who never left, and somebody who did; the derivations and the records."""
    pair.source.topic("news")
    pair.source.topic("events")
    everything(pair)
    pair.source.person("eva@x.example", id="7")
    pair.source.opt_outs.append(OptOut(address="eva@x.example", at=LEFT))
    pair.source.yeses.append(Yes(address="eva@x.example", person="7", topic="news", at=BACK))
    pair.moved()
    folder = pair.folder / ".mamigrate" / "evidence"
    (derived,), (records,) = folder.glob(f"*{SUFFIX}"), folder.glob("*.jsonl")
    return derived, records


def lines(path: Path) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in path.read_bytes().splitlines()]


def rewritten(path: Path, told: list[dict[str, Any]]) -> str:
    """Make the file anew, every hash right; the head of it."""
    chain = Chain()
    hashes = ("previous_hash", "row_hash")
    path.write_bytes(b"".join(chain.line({n: v for n, v in one.items() if n not in hashes}) for one in told))
    return chain.head


def resealed(derived: Path, head: str) -> None:
    """The derivations name the records by the head that these have now."""
    told = lines(derived)
    told[-1]["evidence_head"] = head
    rewritten(derived, told)


def test_every_open_cell_has_a_line_and_is_derived_again_from_the_two_files(pair: Pair, tmp_path: Path) -> None:
    derived, records = moved(pair)
    assert derived.stat().st_mode & 0o777 == 0o600
    told = lines(derived)
    open_ = [one for one in told if "facts" in one]
    assert told[-1]["cells"] == sum(len(one["cells"]) for one in open_) == 3  # Ben's two, and the news of Eva
    assert sorted(len(one["facts"]) for one in open_) == [0, 3]
    assert "@" not in derived.read_text()
    for path in (derived, records):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    assert trouble(tmp_path / derived.name, tmp_path) == ""
    said = pair.say("consent", "--verify-evidence")
    assert (said.code, "3 open cells derived again" in said.out) == (0, True)
    alone = pair.say("consent", "--verify-evidence", str(derived))
    assert (alone.code, alone.out.count("\n")) == (0, 1)


def forged(told: list[dict[str, Any]]) -> None:
    """Somebody denied is said to be open."""
    mine = next(one for one in told if one.get("facts"))
    mine["cells"].append(["email", "main", "events", "MKT"])


def passed_over(told: list[dict[str, Any]]) -> None:
    next(one for one in told if one.get("facts"))["facts"] = []


def invented(told: list[dict[str, Any]]) -> None:
    next(one for one in told if one.get("facts"))["facts"].append("old/opt_out/yes-99/7")


def without_the_grant(told: list[dict[str, Any]]) -> None:
    mine = next(one for one in told if one.get("facts"))
    mine["facts"] = [one for one in mine["facts"] if "yes" not in one]


def asking_for_more(told: list[dict[str, Any]]) -> None:
    next(one for one in told if one.get("facts") == [])["need"] = "express"


def under_a_law(told: list[dict[str, Any]]) -> None:
    next(one for one in told if one.get("facts") == [])["packs"] = ["japan"]


WAYS: dict[Callable[[list[dict[str, Any]]], None], str] = {
    forged: "email/main/events/MKT is not allowed",
    passed_over: "email/main/news/MKT passes over old/opt_out/",
    invented: "old/opt_out/yes-99/7 is among no records",
    without_the_grant: "is not allowed by the facts that it names",
    asking_for_more: "is not allowed",
    under_a_law: "has no basis that japan counts",
}


def test_what_does_not_derive_what_it_claims_is_found(pair: Pair) -> None:
    derived, _ = moved(pair)
    whole = derived.read_bytes()
    for way, found in WAYS.items():
        derived.write_bytes(whole)
        told = lines(derived)
        way(told)
        rewritten(derived, told)
        assert found in trouble(derived, derived.parent), way
    said = pair.say("consent", "--verify-evidence")
    assert said.code == 3
    assert "is not the one that was written" in said.out  # by the head that was kept apart


def test_a_fact_that_is_gone_or_another_than_it_was_is_found(pair: Pair) -> None:
    derived, records = moved(pair)
    whole = lines(records)
    kept = [one for one in whole if "yes" not in one["header"]["record_id"]]
    resealed(derived, rewritten(records, kept))
    assert "is among no records" in trouble(derived, derived.parent)
    later = [dict(one) for one in whole]
    for one in later:
        if one["event"]["kind"] == "grant":
            one["event"] = {
                **one["event"],
                "t_event": {"lo": "2020-01-01T00:00:00+00:00", "hi": "2020-01-01T00:00:00+00:00"},
            }
    resealed(derived, rewritten(records, later))
    assert "is not allowed" in trouble(derived, derived.parent)
    rewritten(records, whole[:-1])
    assert trouble(derived, derived.parent).endswith("the last line is not the one that was written")
    assert pair.say("consent", "--verify-evidence").code == 3
    records.unlink()
    assert trouble(derived, derived.parent) == "the consent records that it rests on are not there"


def test_derivations_that_are_gone_or_changed_are_told(pair: Pair) -> None:
    derived, _ = moved(pair)
    text = derived.read_bytes()
    derived.write_bytes(text.replace(b'"allowed"', b'"permitted"', 1))
    said = pair.say("consent", "--verify-evidence")
    assert (said.code, "is not what was written there" in said.out) == (3, True)
    derived.write_bytes(b"".join(text.splitlines(keepends=True)[:-1]))
    assert pair.say("consent", "--verify-evidence").code == 3
    derived.unlink()
    said = pair.say("consent", "--verify-evidence")
    assert (said.code, said.out.count("it is not there")) == (3, 1)


def test_what_did_not_change_is_not_derived_again_and_another_law_is_no_judge_of_it(pair: Pair) -> None:
    derived, _ = moved(pair)
    pair.moved()
    assert list(derived.parent.glob(f"*{SUFFIX}")) == [derived]
    assert pair.say("consent", "--verify-evidence").code == 0
    told = lines(derived)
    told[0]["packs"] = {"japan": "0" * 12}
    rewritten(derived, told)
    assert trouble(derived, derived.parent).startswith("the pack japan is not the one")
