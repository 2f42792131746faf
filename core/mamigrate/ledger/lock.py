"""One process a project: an operating-system lock held for the process's life. A stopped process still owns it."""

import fcntl
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Engine as Database
from sqlalchemy import text
from sqlalchemy.engine import Connection as Link
from sqlalchemy.exc import DBAPIError

from mamigrate import clock, private
from mamigrate.errors import LocalTrouble, ProjectInUse

TRIES, PAUSE_S = 3, 0.1
"""``status`` holds the lock for an instant to see whether somebody else does: that must not refuse a run."""
KEY = "hashtext('mamigrate'), hashtext(current_schema()::text)"
"""Advisory locks are a database's own; ledgers may share one in schemas of their own."""


class ProjectLock:
    """Refuses at once with ProjectInUse when another living process holds it; death releases it."""

    def __init__(self, path: Path, *, tries: int = TRIES) -> None:
        self._path, self._tries = path, tries

    def __enter__(self) -> Self:
        self._file = private.append(self._path)
        for left in range(self._tries - 1, -1, -1):
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                if not left:
                    self._file.close()
                    raise ProjectInUse(
                        "another process is at work", path=self._path, holder=_read(self._path)
                    ) from error
                time.sleep(PAUSE_S)
            else:
                break
        self._file.truncate(0)
        self._file.write(f"{me()}, since {clock.now():%Y-%m-%d %H:%M:%S} UTC".encode())
        self._file.flush()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()


def at_work(path: Path) -> str:
    """Who holds the project's lock now; empty: nobody. Makes nothing on disk."""
    if not path.exists():
        return ""
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return _read(path) or "somebody"
    return ""


def me() -> str:
    """How a process is named to people who wait for it."""
    return f"process {os.getpid()} on {socket.gethostname()}"


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")[:200].strip()


@contextmanager
def database_lock(database: Database) -> Iterator[Link]:
    """Own a PostgreSQL ledger for as long as this lasts: a process on another machine is refused with ProjectInUse.

    The lock belongs to the connection that is yielded: when that is lost, so is the lock.
    """
    with database.connect().execution_options(isolation_level="AUTOCOMMIT") as link:
        link.execute(text("select set_config('application_name', :name, false)"), {"name": f"mamigrate {me()}"[:63]})
        if not link.execute(text(f"select pg_try_advisory_lock({KEY})")).scalar():
            raise ProjectInUse("another process is at work", holder=database_holder(link))
        try:
            yield link
        finally:
            link.invalidate()  # closes it: the lock must not live on in a pool


def require(link: Link) -> None:
    """Raises LocalTrouble when the connection that holds the lock is gone: somebody else may be at work by now."""
    try:
        link.execute(text("select 1"))
    except DBAPIError as error:
        raise LocalTrouble("the connection that holds the ledger's lock was lost", fix="again") from error


def database_holder(link: Link) -> str:
    """Who owns a PostgreSQL ledger, as far as the server tells; empty: nobody."""
    found = link.execute(
        text(
            "select coalesce(nullif(a.application_name, ''), 'process ' || a.pid),"
            " coalesce(host(a.client_addr), 'this server'), to_char(a.backend_start at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS')"
            " from pg_locks l join pg_stat_activity a using (pid)"
            " where l.locktype = 'advisory' and l.granted and l.database = (select oid from pg_database where datname = current_database())"
            f" and (l.classid::bigint, l.objid::bigint) = (select k.a::bigint & 4294967295, k.b::bigint & 4294967295 from (select {KEY}) as k(a, b))"
        )
    ).first()
    return f"{found[0].removeprefix('mamigrate ')}, from {found[1]}, since {found[2]} UTC" if found else ""
