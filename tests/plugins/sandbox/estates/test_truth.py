from mamigrate_sandbox.estates import truth
from mamigrate_sandbox.estates.messy import Messy
from mamigrate_sandbox.estates.world import Person


def test_reach_falls_by_the_crms_opt_outs_and_the_merges_and_by_nothing_else(
    minamo: Messy, judged: dict[str, truth.Verdict]
) -> None:
    before = sum(1 for verdict in judged.values() if verdict.before)
    after = sum(1 for verdict in judged.values() if verdict.ceiling)
    silent = sum(1 for verdict in truth.verdicts(minamo, crm=False).values() if verdict.ceiling)
    assert (before, silent, after) == (2_310, 2_310 - 17, 2_310 - 17 - 95)


def test_only_three_denials_are_lifted_by_a_later_form(judged: dict[str, truth.Verdict]) -> None:
    assert sum(1 for verdict in judged.values() if verdict.lifted) == 3
    assert {topic for verdict in judged.values() for topic in verdict.lifted} == {"minamo/seminar"}


def test_the_ceiling_never_lies_above_what_any_record_allowed(judged: dict[str, truth.Verdict]) -> None:
    for verdict in judged.values():
        assert verdict.ceiling <= verdict.before
        assert verdict.ceiling == verdict.before or verdict.why


def test_one_opted_out_record_silences_its_twin(everybody: list[Person], judged: dict[str, truth.Verdict]) -> None:
    for person in everybody:
        if person.role == "twin_first":
            verdict = judged[truth.loose(person.address or "")]
            assert verdict.before and not verdict.ceiling


def test_most_loose_denials_belong_to_nobody(minamo: Messy) -> None:
    assert len(list(truth.denials(minamo))) == 178  # the two others are spellings of living addresses


def test_loose_addresses_fold_width_case_hosts_and_invisible_characters() -> None:
    assert truth.loose("ＴＡＲＯ@Minamo.example") == truth.loose("ta\u200bro@minamo.EXAMPLE")
    assert truth.loose("a@計測の友.example") == truth.loose("a@xn--u9j977h18rcpz.example")
    assert truth.loose("straße@x.example") == truth.loose("strasse@x.example")
