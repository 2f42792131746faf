"""Programs on their way: proposed, signed, made once, with the members and days that the source told."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from mamigrate.contract import Change, Outcome, Status
from mamigrate.ledger.store import Ledger
from mamigrate.model.kinds import Kind
from mamigrate.testing import memory_programs, memory_write
from mamigrate.testing.memory_state import ChannelDef, ListDef, MemberDef, ProgramDef, Record, State
from pair import Pair, decide

pytestmark = [pytest.mark.gate, pytest.mark.turns]

DAY = datetime(2024, 5, 1, 9, tzinfo=UTC)
LATER = datetime(2024, 5, 3, 9, tzinfo=UTC)
RECIPES = """
version: 1
source: old
target: new
signed: {who: Kei, when: 2026-01-01}
programs:
  - from: [g1]
    name: Fair 2024
    type: plain
    channel: Fair
    folder: /programs
    members:
      - {list: "9", status: Invited}
      - {participation: ATTENDED, status: Came}
      - {form: form/7, status: Came}
"""


@pytest.fixture
def fair(pair: Pair) -> Pair:
    """Ana was invited and came, Ben was invited, Cleo sent a form; Dan took part in a way that no rule names."""
    for number, name in enumerate(("ana", "ben", "cleo", "dan"), 5):
        pair.source.person(f"{name}@x.example", id=str(number))
    pair.source.lists["9"] = ListDef(id="9", name="Invited", members=["5", "6"])
    came, odd = MemberDef(status="ATTENDED", at=DAY), MemberDef(status="EMPTY", at=DAY)
    pair.source.programs["g1"] = ProgramDef(id="g1", name="Exhibition 2024", members={"5": came, "8": odd})
    pair.source.happens("form.submitted", "7", subject="form/7", at=LATER)
    pair.source.happens("form.submitted", "6", subject="form/7", at=LATER, bot=True)
    pair.target.channels["Fair"] = ChannelDef(name="Fair")
    return pair


def write(pair: Pair, text: str = RECIPES) -> None:
    (pair.folder / "programs.yaml").write_text(text)


def members(pair: Pair) -> dict[str, dict[str, MemberDef]]:
    """Members by program name and address."""
    people = pair.target.people
    return {
        one.name: {people[key].values["email"].partition("@")[0]: held for key, held in one.members.items()}
        for one in pair.target.programs.values()
    }


def test_without_recipes_no_program_moves_and_a_first_file_is_proposed(fair: Pair) -> None:
    said = fair.moved()
    assert fair.target.programs == {}
    assert said.buckets("program") == {"handed": 1}
    assert {"programs_proposed", "programs_unsigned"} <= {one["code"] for one in said.report["findings"]}
    proposed = (fair.folder / "programs.yaml").read_text()
    assert "Exhibition 2024" in proposed
    assert "\nsigned" not in proposed
    again = fair.moved()
    assert "programs_proposed" not in {one["code"] for one in again.report["findings"]}


def test_a_signed_recipe_makes_the_program_with_its_members_and_their_days(fair: Pair) -> None:
    write(fair)
    said = fair.moved()
    (made,) = fair.target.programs.values()
    assert (made.name, made.channel, made.mark) == ("Fair 2024", "Fair", "old/program/g1")
    assert said.buckets("program") == {"created": 1}
    found = members(fair)["Fair 2024"]
    assert {name: held.status for name, held in found.items()} == {"ana": "Came", "ben": "Invited", "cleo": "Came"}
    day, later = "2024-05-01T09:00:00Z", "2024-05-03T09:00:00Z"
    assert {name: held.values for name, held in found.items()} == {
        "ana": {"mmMemberSince": day, "mmSuccessAt": day},
        "ben": {},
        "cleo": {"mmMemberSince": later, "mmSuccessAt": later},
    }
    assert said.reasons("program_membership") == {
        ("created", "new"): 3,
        ("left", "no_rule_for_state"): 1,
    }
    assert said.buckets("activity") == {"left": 2}


def test_a_second_run_writes_nothing(fair: Pair) -> None:
    write(fair)
    fair.moved()
    before = fair.writes()
    said = fair.moved()
    assert fair.writes() == before
    assert said.buckets("program") == {"equal": 1}
    assert said.buckets("program_membership") == {"equal": 3, "left": 1}


def test_somebody_who_comes_further_moves_on_and_nobody_goes_back(fair: Pair) -> None:
    write(fair)
    fair.moved()
    fair.source.programs["g1"].members["6"] = MemberDef(status="ATTENDED", at=LATER)
    del fair.source.programs["g1"].members["5"]
    said = fair.moved()
    found = members(fair)["Fair 2024"]
    assert {name: held.status for name, held in found.items()} == {"ana": "Came", "ben": "Came", "cleo": "Came"}
    assert said.reasons("program_membership")["updated", "moved_on"] == 1


def test_people_who_became_one_are_one_member(fair: Pair) -> None:
    fair.source.person("ANA@x.example", id="51")
    fair.source.programs["g1"].members["51"] = MemberDef(status="ATTENDED", at=datetime(2024, 4, 1, tzinfo=UTC))
    write(fair)
    said = fair.moved()
    found = members(fair)["Fair 2024"]
    assert len(found) == 3
    assert found["ana" if "ana" in found else "ANA"].values["mmMemberSince"] == "2024-04-01T00:00:00Z"
    assert said.reasons("program_membership")["merged", "same_person"] == 1


def test_several_programs_of_the_source_become_one(fair: Pair) -> None:
    fair.source.programs["g2"] = ProgramDef(
        id="g2", name="Fair, day two", members={"5": MemberDef(status="ATTENDED"), "6": MemberDef(status="ATTENDED")}
    )
    write(fair, RECIPES.replace("[g1]", "[g1, g2]"))
    said = fair.moved()
    assert said.buckets("program") == {"created": 1, "merged": 1}
    assert said.buckets("program_membership") == {"created": 3, "merged": 2, "left": 1}
    assert members(fair)["Fair 2024"]["ben"].status == "Came"


def test_a_slip_ends_at_once_with_its_line_and_the_nearest_word(fair: Pair) -> None:
    write(fair, RECIPES.replace("channel:", "chanel:"))
    said = fair.run()
    assert said.code == 2
    assert "programs.yaml:10:5" in said.err
    assert 'did you mean "channel"?' in said.err
    assert fair.writes() == 0


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ("[g1]", "[g11]", "recipe_source_unknown"),
        ("channel: Fair", "channel: Fare", "recipe_channel_unknown"),
        ("status: Invited", "status: Invitd", "recipe_status_unknown"),
        ("status: Invited", "status: outside", "recipe_status_unknown"),
        ("type: plain", "type: series", "recipe_type_not_of_channel"),
        ("folder: /programs", "folder: /progams", "recipe_folder_unknown"),
        ('list: "9"', 'list: "99"', "recipe_evidence_unknown"),
        ("name: Fair 2024", "name: Standing", "recipe_name_taken"),
        ("name: Fair 2024", f"name: {'x' * 61}", "recipe_name_long"),
        ("folder: /programs", "folder: /programs\n    starts: 2024-05-01", "recipe_dates_not_taken"),
        (
            "folder: /programs",
            'folder: /programs\n    costs: [{on: 2024-05-01, amount: "2.00"}]',
            "recipe_currency_differs",
        ),
        ("folder: /programs", "folder: /programs\n    tags: {regon: north}", "recipe_tag_unknown"),
    ],
)
def test_a_wrong_recipe_blocks_before_anything_is_written(fair: Pair, before: str, after: str, code: str) -> None:
    fair.target.programs["t1"] = ProgramDef(id="t1", name="standing", channel="Fair")
    write(fair, RECIPES.replace(before, after))
    said = fair.run()
    assert said.code == 3
    assert said.blocking == {code}
    assert fair.writes() == 0


def test_without_a_signature_nothing_of_it_blocks(fair: Pair) -> None:
    write(fair, RECIPES.replace("signed:", "# signed:").replace("channel: Fair", "channel: Fare"))
    said = fair.moved()
    assert [one["severity"] for one in said.report["findings"] if one["code"] == "recipe_channel_unknown"] == ["warn"]
    assert fair.target.programs == {}


def test_a_program_that_stays_behind_says_why(fair: Pair) -> None:
    write(fair, RECIPES.split("programs:")[0] + "leave: {g1: nobody came}\n")
    said = fair.moved()
    assert said.reasons("program") == {("left", "left_by_recipe"): 1}
    assert "write member fields" not in fair.target.calls


# --- what goes wrong -----------------------------------------------------------------------------------------------------


def test_a_program_whose_reply_is_lost_is_found_by_its_mark(fair: Pair) -> None:
    write(fair)
    fair.target.quirks.lose_replies = 50
    fair.run()
    fair.target.quirks.lose_replies = 0
    fair.moved()
    (made,) = fair.target.programs.values()
    assert len(made.members) == 3


def test_a_program_of_our_mark_is_ours_without_any_ledger(fair: Pair) -> None:
    fair.target.programs["t1"] = ProgramDef(id="t1", name="Renamed since", channel="Fair", mark="old/program/g1")
    write(fair)
    said = fair.moved()
    assert list(fair.target.programs) == ["t1"]
    assert said.buckets("program") == {"equal": 1}
    assert len(fair.target.programs["t1"].members) == 3


def test_a_program_that_was_deleted_is_made_anew(fair: Pair) -> None:
    write(fair)
    fair.moved()
    fair.target.programs.clear()
    said = fair.moved()
    assert said.reasons("program") == {("created", "gone_on_target"): 1}
    assert len(members(fair)["Fair 2024"]) == 3


def test_nobody_comes_into_a_program_that_sends(fair: Pair) -> None:
    write(fair, RECIPES.replace("type: plain", "type: series"))
    fair.target.channels["Fair"].types = ("series",)
    fair.moved()
    (made,) = fair.target.programs.values()
    made.on = True
    fair.source.programs["g1"].members["6"] = MemberDef(status="ATTENDED")
    said = fair.run()
    assert (said.code, said.blocking) == (3, {"program_sends"})
    assert fair.target.sent == 0


def test_a_rollback_deletes_programs_with_their_members(fair: Pair) -> None:
    write(fair)
    fair.moved()
    said = fair.say("rollback", "--source", "old", "--target", "new", "--yes", "--json")
    assert said.code == 0
    assert fair.target.programs == {}
    fair.moved()
    assert len(members(fair)["Fair 2024"]) == 3


def test_a_rollback_leaves_a_program_in_which_others_are(fair: Pair) -> None:
    fair.target.person("guest@x.example", id="guest")
    write(fair)
    fair.moved()
    (made,) = fair.target.programs.values()
    made.members["guest"] = MemberDef(status="Came")
    said = fair.say("rollback", "--source", "old", "--target", "new", "--json")
    stays = {(one["code"], one["kind"]): one["number"] for one in said.report["stays"]}
    assert stays["programs_used", "program"] == 1
    assert stays["member_fields", "member_field"] == 2
    assert fair.say("rollback", "--source", "old", "--target", "new", "--yes", "--json").code == 0
    assert list(made.members) == ["guest"]


def test_days_stay_in_the_plan_where_the_target_has_no_room_for_them(fair: Pair) -> None:
    fair.target.quirks.member_fields = 1
    write(fair)
    said = fair.moved()
    assert "member_dates_stay" in {one["code"] for one in said.report["findings"]}
    assert {str(held.values) for held in members(fair)["Fair 2024"].values()} == {"{}"}


def test_fields_of_members_wait_for_a_decision(fair: Pair) -> None:
    fair.signed = False
    write(fair)
    said = fair.run()
    assert "member_fields_undecided" in said.blocking
    assert fair.writes() == 0
    for id in ("irreversible/create-fields", "irreversible/create-member-fields"):
        decide(fair, id)
    assert fair.run().code == 0
    assert len(members(fair)["Fair 2024"]) == 3


def test_a_field_of_members_that_is_refused_stops_before_any_program(
    fair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(state: State, fields: dict[str, str]) -> list[Outcome]:
        return [Outcome(name, Status.REJECTED, None, "1003", "no") for name in fields]

    monkeypatch.setattr(memory_programs, "define", refused)
    write(fair)
    said = fair.run()
    assert (said.code, said.blocking) == (3, {"member_field_refused"})
    assert fair.target.programs == {}


def test_a_program_without_a_recipe_is_handed_over_and_told(fair: Pair) -> None:
    fair.source.programs["g2"] = ProgramDef(id="g2", name="Another")
    write(fair)
    said = fair.moved()
    assert said.buckets("program") == {"created": 1, "handed": 1}
    told = [one["params"] for one in said.report["findings"] if one["code"] == "programs_without_recipe"]
    assert told == [{"n": "1"}]


def test_opportunities_and_lists_stay_as_they_are(fair: Pair) -> None:
    fair.source.put(Kind.OPPORTUNITY, Record(id="o1", values={"name": "Scale"}, people=["5"]))
    write(fair)
    said = fair.moved()
    assert said.buckets("opportunity") == {"created": 1}


# --- what was won --------------------------------------------------------------------------------------------------------


WON = """attribution: {won_stages: [won], amount: amount}
programs:
"""


@pytest.fixture
def won(fair: Pair) -> Pair:
    """Ana and Cleo succeeded at the fair, Ana at a second program too; each of two deals is won, a third is not."""
    fair.source.programs["g2"] = ProgramDef(id="g2", name="Paper", members={"5": MemberDef(status="ATTENDED", at=DAY)})
    fair.target.channels["Paper"] = ChannelDef(name="Paper")
    for id, amount, stage, people in (
        ("o1", "100.01", "won", ["5", "6"]),
        ("o2", "30", "won", ["7"]),
        ("o3", "9", "x", ["5"]),
    ):
        fair.source.put(
            Kind.OPPORTUNITY, Record(id=id, values={"name": id, "amount": amount, "step": stage}, people=people)
        )
    second = (
        RECIPES.partition("programs:")[2]
        .replace("[g1]", "[g2]")
        .replace("Fair 2024", "Paper")
        .replace("channel: Fair", "channel: Paper")
    )
    second = second.replace('      - {list: "9", status: Invited}\n', "").replace(
        "      - {form: form/7, status: Came}\n", ""
    )
    write(fair, RECIPES.replace("programs:\n", WON) + second.lstrip("\n"))
    return fair


def test_what_was_won_is_split_evenly_and_equal_on_both_sides(won: Pair) -> None:
    said = won.moved()
    assert said.report["programs"]["attribution"] == [
        {"program": "g1", "won": "80.01", "moved": "80.01", "target": "80.01"},
        {"program": "g2", "won": "50.00", "moved": "50.00", "target": "50.00"},
    ]
    assert {"attribution_equal"} <= {one["code"] for one in said.report["findings"]}
    assert won.moved().report["programs"]["attribution"] == said.report["programs"]["attribution"]


def test_a_difference_is_told_by_program(won: Pair) -> None:
    won.moved()
    paper = next(one for one in won.target.programs.values() if one.name == "Paper")
    (held,) = paper.members.values()
    held.status = "Invited"
    won.target.channels["Paper"].ladder["Came"] = 5  # nobody can be brought up again
    said = won.run()
    told = {one["subject"]: one["params"] for one in said.report["findings"] if one["code"] == "attribution_differs"}
    assert told["old/program/g2"] == {"was": "50.00", "now": "0.00"}
    assert told["old/program/g1"] == {"was": "80.01", "now": "130.01"}


def test_what_does_not_reach_the_target_cannot_be_compared(won: Pair) -> None:
    won.target.quirks.closed = {Kind.OPPORTUNITY: "a CRM owns them"}
    said = won.moved()
    assert [one["target"] for one in said.report["programs"]["attribution"]] == [None, None]
    assert "attribution_not_compared" in {one["code"] for one in said.report["findings"]}


# --- who won people ------------------------------------------------------------------------------------------------------


@pytest.fixture
def winning(won: Pair) -> Pair:
    """Who has no program that won them gets the one of the first success: Ana the fair, as does Cleo."""
    won.target.person("cleo@x.example", id="old-cleo")
    text = (won.folder / "programs.yaml").read_text().replace("target: new", "target: new\nacquisition: first_success")
    write(won, text)
    return won


def test_people_get_the_program_of_their_first_success_once(winning: Pair) -> None:
    winning.moved()
    programs = {one.name: one.id for one in winning.target.programs.values()}
    ana, ben, cleo = (winning.landed(f"{name}@x.example").values for name in ("ana", "ben", "cleo"))
    assert (ana["won_by"], ana["won_at"]) == (programs["Fair 2024"], "2024-05-01T09:00:00Z")
    assert (cleo["won_by"], cleo["won_at"]) == (programs["Fair 2024"], "2024-05-03T09:00:00Z")
    assert "won_by" not in ben
    before = winning.writes()
    winning.moved()
    assert winning.writes() == before


def test_whom_another_program_won_stays_so(winning: Pair) -> None:
    winning.target.people["old-cleo"].values["won_by"] = "77"
    winning.moved()
    assert winning.target.people["old-cleo"].values["won_by"] == "77"


def test_a_rollback_takes_it_back(winning: Pair) -> None:
    winning.moved()
    assert winning.say("rollback", "--source", "old", "--target", "new", "--yes", "--json").code == 0
    assert "won_by" not in winning.target.people["old-cleo"].values


def test_a_target_that_does_not_take_it_is_told(winning: Pair) -> None:
    winning.target.fields[Kind.PERSON]["won_by"].read_only = True
    said = winning.moved()
    assert "acquisition_not_taken" in {one["code"] for one in said.report["findings"]}


# --- cut off -------------------------------------------------------------------------------------------------------------


class Cut(Exception):
    """The process ends here."""


@pytest.mark.parametrize("kind", [Kind.PROGRAM, Kind.PROGRAM_MEMBERSHIP])
@pytest.mark.parametrize("site", ["before intent", "after intent", "before outcome", "after outcome"])
def test_cut_off_anywhere_the_next_run_finishes_without_doubling(
    fair: Pair, monkeypatch: pytest.MonkeyPatch, kind: Kind, site: str
) -> None:
    """What an earlier process made is found by its mark, and is ours: a rollback deletes it."""
    name = "intend" if "intent" in site else "close_batch"
    real, open_batches = getattr(Ledger, name), dict[int, Kind]()

    def cut(self: Ledger, *given: Any) -> Any:
        own = given[3] == kind if name == "intend" else open_batches.get(given[0]) == kind
        if own and site.startswith("before"):
            raise Cut
        answer = real(self, *given)
        if own:
            raise Cut
        return answer

    intend = Ledger.intend

    def noted(self: Ledger, *given: Any) -> int:
        batch = intend(self, *given)
        open_batches[batch] = given[3]
        return batch

    write(fair)
    with monkeypatch.context() as patched:
        if name == "close_batch":
            patched.setattr(Ledger, "intend", noted)
        patched.setattr(Ledger, name, cut)
        assert fair.run().code == 1
    said = fair.moved()
    (made,) = fair.target.programs.values()
    assert len(made.members) == 3
    assert {held.values.get("mmMemberSince") for held in made.members.values()} == {
        "2024-05-01T09:00:00Z",
        "2024-05-03T09:00:00Z",
        None,
    }
    assert said.buckets("program")["created"] == 1
    assert fair.say("rollback", "--source", "old", "--target", "new", "--yes", "--json").code == 0
    assert fair.target.programs == {}


@pytest.mark.parametrize("losses", [1, 2, 3, 4, 6])
def test_replies_that_are_lost_are_settled_by_asking(fair: Pair, losses: int) -> None:
    write(fair)
    count = 0

    def losing(real: Callable[[State, Change, datetime], Outcome]) -> Callable[[State, Change, datetime], Outcome]:
        def write_one(state: State, change: Change, now: datetime) -> Outcome:
            nonlocal count
            done = real(state, change, now)
            count += 1
            return Outcome(change.source_key, Status.MAYBE, change.target_key) if count <= losses else done

        return write_one

    with pytest.MonkeyPatch.context() as patched:
        own = {
            Kind.PROGRAM: losing(memory_programs.write),
            Kind.PROGRAM_MEMBERSHIP: losing(memory_programs.write_member),
        }
        table = {**memory_write._WRITE, **own}
        patched.setattr(memory_write, "_WRITE", table)
        fair.run()
    fair.moved()
    (made,) = fair.target.programs.values()
    assert len(made.members) == 3
