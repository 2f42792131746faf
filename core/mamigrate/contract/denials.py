"""Denials that come after a move: what one side tells of them, and what the other is asked to hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from mamigrate.contract.pages import NeutralRow
from mamigrate.findings import Finding

EVERYTHING = ""
"""The topic of a denial of all marketing mail."""


@dataclass(frozen=True, slots=True)
class DenialPage:
    """One page of denials. ``next`` is an opaque cursor, None on the last page; it resumes in another process.

    ``facts`` are rows of ``Kind.CONSENT_FACT`` that deny as things stand now; their ``source_ref`` ends with the field or the
    topic that says so. ``until``: what happened before is told by this page and those before it, in the vendor's own time.
    ``native`` are keys of facts that no call of an API has made: such a fact is never the echo of what we wrote ourselves.
    ``ours`` are keys of facts of which the vendor itself shows that this program wrote them, for whatever project.
    ``problems`` say what could not be read; one of them means that nobody knows what is missing. ``noted`` is for somebody to
    look at, and nothing is missing for it: what was not told is among the facts as a denial.
    """

    facts: Sequence[NeutralRow]
    until: datetime
    next: str | None = None
    native: frozenset[str] = frozenset()
    problems: Sequence[Finding] = ()
    noted: Sequence[Finding] = ()
    ours: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Denial:
    """What an address no longer gets: one subscription type, or EVERYTHING. ``cause`` is for people who look there."""

    address: str
    topic: str
    cause: str = ""

    @property
    def key(self) -> str:
        """How the outcome of this denial is named."""
        return f"{self.address}|{self.topic}"
