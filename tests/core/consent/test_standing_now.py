"""What the proof comes to for the move itself, and for everybody as they stand now, where statements differ."""

import pytest

from mamigrate.consent.proof.judged import FAIL, IN_TIME, INCOMPLETE, PASS, SETTLING, Exported, Judged, Proof


def proof(**verdicts: str) -> Proof:
    told = {1: PASS} | {int(number.removeprefix("n")): verdict for number, verdict in verdicts.items()}
    return Proof(tuple(Judged(number, "", verdict) for number, verdict in told.items()), Exported("", 0, ""))


@pytest.mark.parametrize(
    ("number", "verdict", "of_move", "standing"),
    [
        (IN_TIME, INCOMPLETE, PASS, PASS),
        (IN_TIME, FAIL, FAIL, PASS),
        (SETTLING, INCOMPLETE, PASS, PASS),
        (SETTLING, FAIL, FAIL, FAIL),
        (2, INCOMPLETE, INCOMPLETE, INCOMPLETE),
        (2, FAIL, FAIL, FAIL),
    ],
)
def test_what_is_late_or_settling_excuses_nothing_else(number: int, verdict: str, of_move: str, standing: str) -> None:
    made = proof(**{f"n{number}": verdict})
    assert (made.of_move, made.standing) == (of_move, standing)
