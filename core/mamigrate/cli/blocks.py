"""Findings that block, in words, on standard error."""

import sys

from mamigrate.stages.move import Move

SHOWN = 20


def tell(move: Move, *, unmask: bool) -> None:
    """The first of them; the report has all."""
    from mamigrate.reports import mask
    from mamigrate.reports.messages import Messages

    messages = Messages.of(move.source.adapter.name, move.target.adapter.name)
    for found in move.findings.blocking[:SHOWN]:
        shown = found if unmask else mask.finding(found)
        print(f"{found.severity}: {messages.say(shown, 'en')}", file=sys.stderr)
