"""Findings that block, in words, on standard error."""

import sys
from collections.abc import Collection

from mamigrate.findings import Severity
from mamigrate.stages.move import Move

SHOWN = 20


def tell(move: Move, *, unmask: bool, also: Collection[str] = ()) -> None:
    """The first of them, and those of the codes ``also``; the report has all."""
    from mamigrate.reports import mask
    from mamigrate.reports.messages import Messages

    messages = Messages.of(move.source.adapter.name, move.target.adapter.name)
    told = [one for one in move.findings if one.code in also and one.severity is not Severity.BLOCK]
    for found in (*move.findings.blocking[:SHOWN], *told):
        shown = found if unmask else mask.finding(found)
        print(f"{found.severity}: {messages.say(shown, 'en')}", file=sys.stderr)
