"""People about whom a platform gave no answer: denied everything, and only an operator ends that."""

from datetime import UTC, datetime

from mamigrate.consent import unanswered
from mamigrate.consent.address import keys
from mamigrate.consent.fold import Cell, Rules, from_rows, judge
from mamigrate.consent.scope import Scope

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_41_who_is_not_answered_is_denied_at_every_address() -> None:
    (row,) = unanswered.denials(["7"], "old")
    (fact,) = from_rows([row])
    for text in ("ana@x.example", "new@x.example"):
        known = keys(text)
        where = Cell(frozenset({"7"}), known.strict, known.loose, Scope(topic="news"))
        assert not judge([fact], where, NOW).allowed
        assert judge([fact], where, NOW, Rules(releases={fact.key: "looked"})).allowed
    assert row["source_ref"] == "old/person/7/unanswered"
    assert list(unanswered.denials([], "old")) == []
