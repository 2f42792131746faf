"""What is left for people."""

from typing import Any

from mamigrate.reports.next_steps import next_steps, total_minutes

Facts = dict[str, Any]


def codes(facts: Facts) -> list[str]:
    return [step.code for step in next_steps(facts)]


def test_a_loaded_run_leaves_parked_people_the_crm_and_what_is_built_by_hand(loaded: Facts) -> None:
    assert codes(loaded) == ["step_settled", "step_parked", "step_crm", "step_build"]


def test_a_second_run_that_made_no_field_still_asks_about_those_of_the_first(loaded: Facts) -> None:
    loaded["created_fields"] = []
    (step,) = [step for step in next_steps(loaded) if step.role == "crm_admin"]
    assert (step.code, step.params) == ("step_crm", {"n": 1})


def test_every_step_has_a_role_and_takes_time(states: dict[str, Facts]) -> None:
    for facts in states.values():
        assert all(step.role and step.minutes > 0 for step in next_steps(facts))


def test_what_blocks_comes_first_and_is_counted_by_code(states: dict[str, Facts]) -> None:
    first = next_steps(states["blocked"])[0]
    assert (first.code, first.of, first.params["n"], first.role) == (
        "step_unblock",
        "live_automation",
        1,
        "marketing_ops",
    )


def test_an_open_decision_is_a_step_of_the_project_owner(loaded: Facts) -> None:
    loaded["decisions_open"] = [{"id": "archived-people", "safe": "leave"}]
    step = next_steps(loaded)[0]
    assert (step.code, step.role, step.params) == ("step_decide", "sponsor", {"id": "archived-people"})


def test_a_finding_that_a_decision_settles_is_one_step_of_the_one_who_decides(loaded: Facts) -> None:
    loaded["decisions_open"] = [{"id": "consent-column/mail_ok", "safe": "accept"}]
    loaded["findings"].append({"code": "consent_column_undeclared", "severity": "block", "subject": "x", "params": {}})
    steps = [step for step in next_steps(loaded) if step.of == "consent_column_undeclared"]
    assert [(step.code, step.role) for step in steps] == [("step_decide", "privacy")]


def test_an_unsigned_mapping_and_a_preview_ask_for_a_signature_and_then_for_applying(states: dict[str, Facts]) -> None:
    states["planned"]["inputs"]["mapping_signed"] = None
    assert codes(states["planned"])[:2] == ["step_sign_mapping", "step_apply"]


def test_people_who_could_not_be_read_back_are_read_again(states: dict[str, Facts]) -> None:
    assert "step_read_again" in codes(states["incomplete"])


def test_the_total_is_the_sum(loaded: Facts) -> None:
    steps = next_steps(loaded)
    assert total_minutes(steps) == sum(step.minutes for step in steps) > 0
