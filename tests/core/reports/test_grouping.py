"""Findings grouped."""

from mamigrate.findings import Finding, Severity
from mamigrate.reports.grouping import grouped


def found(code: str, severity: Severity, number: int) -> list[Finding]:
    return [Finding(code, severity, f"old/person/{n}", {"field": "x"}) for n in range(number)]


def test_the_gravest_come_first_then_the_most() -> None:
    findings = found("note", Severity.NOTE, 9) + found("few", Severity.WARN, 1) + found("many", Severity.WARN, 3)
    findings += found("stop", Severity.BLOCK, 1)
    assert [group.code for group in grouped(findings, 100)] == ["stop", "many", "few", "note"]


def test_rows_end_at_the_limit_but_counts_do_not() -> None:
    groups = grouped(found("stop", Severity.BLOCK, 3) + found("warn", Severity.WARN, 5), 4)
    assert [(len(group.rows), group.number) for group in groups] == [(3, 3), (1, 5)]


def test_a_few_are_told_in_words_and_many_in_a_table_under_one_example() -> None:
    few, many = grouped(found("few", Severity.WARN, 3) + found("many", Severity.NOTE, 4), 100)
    assert (len(few.sentences), few.tabled) == (3, False)
    assert (len(many.sentences), many.tabled, many.columns) == (1, True, ("field",))
