"""Every public exception, in sections by what the caller does next.

::

    MamigrateError
    ├── Stop                     the run ends; a person must act
    │   ├── UsageError           exit 2: an option, a file or a name is wrong
    │   │   └── ContractBroken   an adapter does not do what the contract says
    │   ├── Blocked              exit 3: findings forbid going on
    │   ├── Refused              exit 4: the vendor refuses credentials or permission
    │   └── LocalTrouble         exit 6: disk, ledger, project in use
    │       ├── ProjectInUse
    │       └── DamagedSnapshot
    ├── Later                    exit 5: run again later
    │   ├── QuotaExhausted
    │   ├── Unreachable
    │   └── Interrupted
    └── Retry                    inside the HTTP room and adapters only; never reaches a user
        ├── Throttled            certainly not executed; wait, then send again
        ├── Transient            a read may be sent again
        ├── TokenExpired         fetch one new token, then send again
        └── Indeterminate        a write that may have happened: ask the target before sending again

Exceptions carry facts as attributes; the sentences for people stand in ``mamigrate.cli.failures``.
"""

from collections.abc import Sequence
from pathlib import Path


class MamigrateError(Exception):
    """Root of everything this package raises on purpose."""


# --- Stop: a person must act -------------------------------------------------------------------------------------


class Stop(MamigrateError):
    """The run ends and only a person can change that."""


class UsageError(Stop):
    """Wrong option, file or name. ``where`` is a file with line and column, or an option's name."""

    def __init__(self, problem: str, *, where: str = "", fix: str = "") -> None:
        super().__init__(problem)
        self.problem, self.where, self.fix = problem, where, fix

    @classmethod
    def together(cls, errors: "Sequence[UsageError]") -> "UsageError":
        """One error that tells all of these, a line each."""
        first, *more = errors
        told = "\n".join([first.problem, *(f"{one.where}: {one.problem}" for one in more)])
        return cls(told, where=first.where, fix=next((one.fix for one in errors if one.fix), ""))


class ContractBroken(UsageError):
    """An adapter does not keep ``mamigrate.contract``: it must be updated, or left out by name."""


class Blocked(Stop):
    """Findings forbid going on. ``codes`` are the blocking findings' codes."""

    def __init__(self, *codes: str) -> None:
        super().__init__(", ".join(codes))
        self.codes = codes


class Refused(Stop):
    """The vendor refuses credentials or permission. ``missing`` names scopes or roles where the vendor told them.

    ``access`` False: it took the credentials, and refuses this very call. ``fix`` says where the connection's secrets come from and what to see to; the command fills it in.
    """

    def __init__(self, connection: str, reason: str, *, missing: tuple[str, ...] = (), access: bool = True) -> None:
        super().__init__(f"{connection}: {reason}")
        self.connection, self.reason, self.missing, self.access, self.fix = connection, reason, missing, access, ""


class LocalTrouble(Stop):
    """This machine cannot go on: disk full, ledger damaged, file not private."""

    def __init__(self, problem: str, *, path: Path | None = None, fix: str = "") -> None:
        super().__init__(problem)
        self.problem, self.path, self.fix = problem, path, fix


class ProjectInUse(LocalTrouble):
    """Another living process owns the project. ``holder`` says who, as far as can be known."""

    def __init__(self, problem: str, *, path: Path | None = None, holder: str = "") -> None:
        super().__init__(problem, path=path)
        self.holder = holder


class DamagedSnapshot(LocalTrouble):
    """A snapshot's files do not match its manifest, or were written by a newer major version."""


# --- Later: run again --------------------------------------------------------------------------------------------


class Later(MamigrateError):
    """Nothing is wrong with the project; the same command finishes the job later."""


class QuotaExhausted(Later):
    """A daily quota of the vendor is used up. ``resets_at`` is ISO 8601 with offset, or empty when unknown.

    ``scheduled`` is a sentence about what is left from then on; the command fills it in.
    """

    def __init__(self, connection: str, quota: str, *, resets_at: str = "") -> None:
        super().__init__(f"{connection}: {quota}")
        self.connection, self.quota, self.resets_at, self.scheduled = connection, quota, resets_at, ""


class Unreachable(Later):
    """The vendor did not answer within the retry policy's patience."""

    def __init__(self, connection: str, reason: str) -> None:
        super().__init__(f"{connection}: {reason}")
        self.connection, self.reason = connection, reason


class Interrupted(Later):
    """A signal asked us to leave; the ledger stands at a clean point."""


class Left(Interrupted):
    """What goes on until somebody ends it was asked to end: nothing is left to be finished. Its text is a sentence."""


# --- Retry: between the HTTP room and the adapters ---------------------------------------------------------------


class Retry(MamigrateError):
    """A call may be sent again, under the rule of the subclass. ``after`` is seconds to wait, or None."""

    def __init__(self, reason: str, *, after: float | None = None) -> None:
        super().__init__(reason)
        self.reason, self.after = reason, after


class Throttled(Retry):
    """The vendor said that it did not run the call: a rate limit or a concurrency limit."""


class Transient(Retry):
    """Time-out, gateway error or reset. Reads are sent again; a write becomes ``Indeterminate``."""


class TokenExpired(Retry):
    """The access token is no longer good; nothing ran."""


class Indeterminate(Retry):
    """A write whose reply was lost. The caller settles it by reading the target."""
