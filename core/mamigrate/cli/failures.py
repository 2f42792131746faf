"""From an exception to a sentence and an exit code. Only here."""

import errno
import os
import sys
import traceback
from pathlib import Path

from mamigrate import clock, private
from mamigrate.errors import (
    Blocked,
    ContractBroken,
    Interrupted,
    Later,
    Left,
    LocalTrouble,
    ProjectInUse,
    QuotaExhausted,
    Refused,
    Stop,
    Unreachable,
    UsageError,
)
from mamigrate.promises import Wrong

DONE, BUG, USAGE, BLOCKED, REFUSED, LATER, LOCAL = range(7)
EXIT_CODES = {
    DONE: "done",
    BUG: "a bug of this program",
    USAGE: "wrong usage or configuration",
    BLOCKED: "findings block: a decision, a failed or incomplete proof, a gate",
    REFUSED: "a vendor refused credentials, permission or a call",
    LATER: "run again later: quota, maintenance, unreachable, interrupted",
    LOCAL: "local trouble: disk, damaged ledger, project in use",
}
FIXES = {
    "credentials": "set it in mamigrate.toml (<option>_env or <option>_keyring), or as MAMIGRATE_<ADAPTER>_<OPTION>",
    "connection": "write [connections.NAME] into mamigrate.toml, or name an installed adapter",
    "block": "leave a plug-in out with --block NAME",
    "ledger": "the source snapshot and the target still hold everything: move the ledger file away and run again",
    "database": "see that it runs, that user, password and name in the URL are right and that this machine may connect",
    "driver": "install mamigrate[postgres], and begin the URL with postgresql+psycopg://",
    "read_again": "run again with --fresh: the source is read anew",
    "key": "name its key under [snapshots] in mamigrate.toml (key_env or key_keyring), or begin anew with --fresh",
    "space": "make room, then run the same command again: nothing is lost",
    "again": "run the same command again",
    "upgrade": "install a newer mamigrate",
}


FULL = (errno.ENOSPC, errno.EDQUOT)
"""How a full disk is called. Databases say it in the words of the system, in errors of their own."""


def left_as(error: BaseException) -> tuple[str, int]:
    """The status that a run ends with, and its exit code, where this error ended it."""
    status = "interrupted" if isinstance(error, Interrupted | KeyboardInterrupt) else "stopped"
    return status, sentence(error)[1]


NO_FILE = "none, because no file can be written in the project"


def tell(error: BaseException, words: list[str], *, debug: bool) -> int:
    """Say what happened on standard error and return the exit code."""
    lines, code = sentence(error)
    if code == BUG:
        path = _crash_file(error, words)
        if debug and path is not None:  # the file, not the exception: its message and its source lines may quote people
            print(path.read_text(), file=sys.stderr)
        lines = [
            f"This is a bug in mamigrate ({type(error).__name__}). Details without personal data: {path or NO_FILE}"
        ]
    if isinstance(error, ContractBroken) and not isinstance(error.__cause__, Wrong | None):
        lines.append(f"  For its author, without personal data: {_crash_file(error.__cause__, words) or NO_FILE}")
    for line in lines:
        print(line, file=sys.stderr)
    return code


def sentence(error: BaseException) -> tuple[list[str], int]:
    """Sentences and the exit code of an error."""
    match error:
        case UsageError():
            place = f"{error.where}: " if error.where else ""
            return [f"{place}{error.problem}", *_fix(error.fix)], USAGE
        case Blocked():
            return ["Stopped: findings block this run (see above and in the report)."], BLOCKED
        case Refused():
            missing = f" Missing: {', '.join(error.missing)}." if error.missing else ""
            return [f"{error.connection} refused us: {error.reason}.{missing}", *_fix(error.fix)], REFUSED
        case QuotaExhausted():
            when = f" It is renewed at {error.resets_at}." if error.resets_at else ""
            told = f"{error.connection}: the quota is used up ({error.quota}).{when} Run the same command again then."
            return [told, *_fix(error.scheduled)], LATER
        case Unreachable():
            return [f"{error.connection} cannot be reached: {error.reason}. Run the same command again later."], LATER
        case Left():
            return [str(error)], LATER
        case Interrupted() | KeyboardInterrupt():
            return ["Interrupted at a clean point. Run the same command again to go on."], LATER
        case Later():
            return [f"{error}. Run the same command again later."], LATER
        case ProjectInUse():
            who = f" ({error.holder})" if error.holder else ""
            return [f"Another process is at work on this project{who}: wait until it ends, or end it."], LOCAL
        case LocalTrouble():
            place = f" ({error.path})" if error.path else ""
            return [f"{error.problem[:1].upper()}{error.problem[1:]}{place}.", *_fix(error.fix)], LOCAL
        case OSError(errno=errno.ENOSPC | errno.EDQUOT):
            return [f"The disk is full ({error.filename or 'no file'}).", *_fix("space")], LOCAL
        case OSError():
            return [
                f"This machine cannot go on: {error.strerror or type(error).__name__} ({error.filename or 'no file'}).",
                *_fix("put that right and run the same command again"),
            ], LOCAL
        case Stop():
            return [str(error)], USAGE
        case _ if any(os.strerror(number) in str(error) for number in FULL):
            return ["The disk is full.", *_fix("space")], LOCAL
        case _:
            return [], BUG


def _fix(fix: str) -> list[str]:
    return [f"  {FIXES.get(fix, fix)}"] if fix else []


def _crash_file(error: BaseException, words: list[str]) -> Path | None:
    """None where the project's folder takes no file: what went wrong first is told all the same."""
    try:
        return crash_file(error, words)
    except (LocalTrouble, OSError):
        return None


def crash_file(error: BaseException, words: list[str]) -> Path:
    """Where a bug is told: types, files and lines; no message, no values, no locals."""
    folder = Path(_option(words, "--project") or ".") / ".mamigrate" / "crashes"
    path = folder / f"{clock.now():%Y%m%d-%H%M%S}-{os.getpid()}.txt"
    frames = traceback.extract_tb(error.__traceback__)
    chain: list[str] = []
    cause: BaseException | None = error
    while cause is not None:
        chain.append(type(cause).__qualname__)
        cause = cause.__cause__ or cause.__context__
    lines = [f"command: {words[0] if words else ''}", f"error: {' <- '.join(chain)}"]
    lines += [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    private.own(folder.parent)
    private.own(folder)
    private.write(path, "\n".join(lines).encode())
    return path


def _option(words: list[str], name: str) -> str:
    for word, after in zip(words, [*words[1:], ""], strict=True):
        if word == name:
            return after
        if word.startswith(f"{name}="):
            return word.split("=", 1)[1]
    return ""
