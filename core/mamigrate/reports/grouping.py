"""Findings as a page shows them: grouped by severity and code, the gravest first, up to a number of rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mamigrate.findings import Finding, Severity

ORDER = tuple(Severity)
SENTENCES = 3
"""Up to so many findings of one code are told as sentences; more of them become a table under one example."""


@dataclass(frozen=True, slots=True)
class Group:
    """Findings of one code. ``rows`` are those that stand in the page, ``number`` counts all of them."""

    code: str
    severity: Severity
    number: int
    rows: tuple[Finding, ...]

    @property
    def sentences(self) -> tuple[Finding, ...]:
        """What is told in words: all of a few, else the first."""
        return self.rows if self.number <= SENTENCES else self.rows[:1]

    @property
    def columns(self) -> tuple[str, ...]:
        """The parameters of a table's rows, in the order of their first appearance."""
        return tuple(dict.fromkeys(name for row in self.rows for name in row.params))

    @property
    def tabled(self) -> bool:
        return self.number > SENTENCES


def as_finding(one: Mapping[str, Any]) -> Finding:
    """A finding of ``run.json`` as a value again."""
    return Finding(one["code"], Severity(one["severity"]), one["subject"], dict(one["params"]))


def grouped(findings: Sequence[Finding], most: int) -> tuple[Group, ...]:
    """Groups with at most ``most`` rows over all; later groups lose their rows first, never their counts."""
    by: dict[tuple[Severity, str], list[Finding]] = {}
    for found in findings:
        by.setdefault((found.severity, found.code), []).append(found)
    made: list[Group] = []
    for severity, code in sorted(by, key=lambda one: (ORDER.index(one[0]), -len(by[one]), one[1])):
        rows = tuple(by[severity, code][: max(0, most)])
        most -= len(rows)
        made.append(Group(code, severity, len(by[severity, code]), rows))
    return tuple(made)
