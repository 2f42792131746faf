"""Announce the history that stays behind: how much happened on the source, by type."""

from mamigrate.capabilities import Level, Power
from mamigrate.contract import ActivityTotals
from mamigrate.findings import Severity
from mamigrate.model.kinds import Kind
from mamigrate.stages.move import Move


def announce(move: Move) -> None:
    """A note for each type of activity that the source holds and nobody reads yet."""
    source = move.source
    level = source.adapter.capabilities.of(Kind.ACTIVITY, Power.READ).level
    if level is not Level.NOT_WRITTEN or not isinstance(source.instance, ActivityTotals):
        return
    for type, number in source.instance.activities().items():
        subject = f"{source.name}/{Kind.ACTIVITY}/{type}"
        if number is None:
            move.findings.add("activities_uncounted", Severity.NOTE, subject, type=type)
        elif number:
            move.findings.add("activities_left", Severity.NOTE, subject, type=type, n=str(number))
