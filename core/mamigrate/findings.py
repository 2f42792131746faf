"""What the user must know, as values: a finding has a code, a severity, a subject and parameters, but no sentence.

Sentences stand in message files (``mamigrate_templates/messages/<lang>.yaml`` and each adapter's ``messages/``), so that
one report can hold several languages and JSON stays free of prose.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum


class Severity(StrEnum):
    """BLOCK stops the run with exit code 3; WARN must be read; NOTE explains."""

    BLOCK = "block"
    WARN = "warn"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to know.

    ``subject`` names the object as ``<connection>/<kind>/<key>`` (or fewer parts). ``params`` fill the message's
    placeholders; ``field`` and ``value`` are the usual ones for bad input. Values are personal data: reports mask them.
    """

    code: str
    severity: Severity
    subject: str
    params: dict[str, str] = field(default_factory=dict)

    @property
    def identity(self) -> tuple[str, str, tuple[tuple[str, str], ...]]:
        """Equal findings are listed once."""
        return (self.code, self.subject, tuple(sorted(self.params.items())))


class Findings:
    """An ordered collection without doubles: append and go on, so that one pass shows every problem."""

    def __init__(self, found: Iterable[Finding] = ()) -> None:
        self._found: dict[tuple[str, str, tuple[tuple[str, str], ...]], Finding] = {}
        self.extend(found)

    def add(self, code: str, severity: Severity, subject: str, **params: str) -> None:
        """Note a finding; an equal one is kept once."""
        self.append(Finding(code, severity, subject, params))

    def append(self, found: Finding) -> None:
        self._found.setdefault(found.identity, found)

    def extend(self, found: Iterable[Finding]) -> None:
        for one in found:
            self.append(one)

    @property
    def blocking(self) -> list[Finding]:
        return [one for one in self if one.severity is Severity.BLOCK]

    def __iter__(self) -> Iterator[Finding]:
        return iter(self._found.values())

    def __len__(self) -> int:
        return len(self._found)
