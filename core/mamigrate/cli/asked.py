"""What somebody asks about, where it may be personal: typed after an option, or alone on standard input."""

import sys

from mamigrate.errors import UsageError

INPUT = "-"
"""In place of a word: it comes on standard input, which no shell's history keeps."""


def word(given: str, where: str) -> str:
    """The word without white space around it. Raises UsageError where standard input holds more than one line."""
    if given != INPUT:
        return given.strip()
    # Somebody at a keyboard ends a line, not the input.
    lines = [sys.stdin.readline()] if sys.stdin.isatty() else sys.stdin.read().splitlines()
    found = [line.strip() for line in lines if line.strip()]
    if len(found) > 1:
        raise UsageError(f"standard input holds {len(found):,} lines: ask about one at a time", where=where)
    return found[0] if found else ""
