"""The ledger's database: opening it, its dialects, and what its troubles mean for a person."""

import sqlite3
from functools import cache
from typing import Any

from sqlalchemy import Engine as Database
from sqlalchemy import Table, case, create_engine, event, insert, inspect, literal_column, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, Dialect, make_url
from sqlalchemy.engine import Connection as Link
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.schema import CreateColumn
from sqlmodel import SQLModel

from mamigrate.errors import LocalTrouble, UsageError
from mamigrate.ledger.tables import Meta
from mamigrate.model.made import OPENED_BY_US

SCHEMA = "2"
WAL_PAGES = 4000
"""Pages of 4 KiB in SQLite's log before they are moved into the file, which takes two waits for the disk."""
_UPSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


@cache
def upsert_of(dialect: Dialect, model: type[SQLModel], fresh_only: bool) -> tuple[str, bool]:
    """Insert, or update what is there already; ``fresh_only`` leaves that as it is. True: values go by position.

    The text is made once, and rows go to the driver as they are: the columns stand in the order of their fields.
    """
    table = table_of(model)
    statement = _UPSERT[dialect.name](table)
    keys = [column.name for column in table.primary_key]
    fresh = {column.name: statement.excluded[column.name] for column in table.columns if column.name not in keys}
    if "made" in fresh:
        # What we created, or wrote to before the ledger was lost, stays ours when a later run only updates it.
        ours = (
            table.c.made.in_([literal_column(f"'{word}'") for word in OPENED_BY_US])
            & ~table.c.undone
            & (table.c.target_key == statement.excluded.target_key)
        )
        fresh["made"] = case((ours, table.c.made), else_=statement.excluded.made)
    if fresh_only and "undone" in fresh:
        statement = statement.on_conflict_do_update(index_elements=keys, set_=fresh, where=table.c.undone)
    elif fresh_only:
        statement = statement.on_conflict_do_nothing(index_elements=keys)
    else:
        statement = statement.on_conflict_do_update(index_elements=keys, set_=fresh)
    compiled = statement.compile(dialect=dialect)
    return str(compiled), bool(compiled.positional)


FULL, BUSY = (sqlite3.SQLITE_FULL, "53100"), (sqlite3.SQLITE_BUSY, "55P03")
"""What SQLite and PostgreSQL say of a full disk, and of somebody who is writing meanwhile."""


def trouble(error: DBAPIError) -> LocalTrouble:
    """What a person can do about it. To move the ledger away is the last resort: a rollback needs it."""
    code = getattr(error.orig, "sqlite_errorcode", None) or getattr(error.orig, "sqlstate", None)
    if code in FULL:
        return LocalTrouble("the disk of the ledger is full", fix="space")
    if code in BUSY or error.connection_invalidated:
        return LocalTrouble("the ledger cannot be reached now", fix="again")
    return LocalTrouble("the ledger cannot be used", fix="ledger")


def table_of(model: type[SQLModel]) -> Table:
    """The table that a model is kept in."""
    return SQLModel.metadata.tables[str(model.__tablename__)]


def open_database(url: str) -> Database:
    """Open a ledger, and make its tables where there are none. Raises UsageError for no URL, LocalTrouble for no database."""
    place = _place(url)
    try:
        database = create_engine(place, connect_args=_PATIENCE.get(place.get_backend_name(), {}))
        if database.dialect.name == "sqlite":
            event.listen(database, "connect", _durable)
        SQLModel.metadata.create_all(database)
        try:
            with database.begin() as link:
                _check_schema(link)
        except LocalTrouble:
            database.dispose()
            raise
        return database
    except ImportError as error:
        raise LocalTrouble("the driver of the ledger's database is not installed", fix="driver") from error
    except DBAPIError as error:
        if place.get_backend_name() == "sqlite":
            raise LocalTrouble("the ledger cannot be opened", fix="ledger") from error
        host = place.host or place.query.get("host") or "this machine"
        raise LocalTrouble(f"the ledger's database on {host} cannot be opened", fix="database") from error


_PATIENCE: dict[str, dict[str, Any]] = {"postgresql": {"connect_timeout": 10}}
"""How long a database is waited for, by its kind; seconds."""


def _place(url: str) -> URL:
    """Raises UsageError where ``url`` names no database that holds a ledger. The URL is not repeated: it may be secret."""
    try:
        place = make_url(url)
        place.get_dialect()
    except (ArgumentError, ValueError) as error:
        raise UsageError("this is no URL of a database, such as postgresql+psycopg://user@host/name") from error
    if place.get_backend_name() not in _UPSERT:
        raise UsageError(f"a ledger is kept in {' or '.join(sorted(_UPSERT))}, not in {place.get_backend_name()}")
    return place


def _durable(connection: Any, _: object) -> None:
    connection.execute("pragma journal_mode=wal")
    connection.execute(f"pragma wal_autocheckpoint={WAL_PAGES}")
    connection.execute("pragma busy_timeout=5000")


def _check_schema(link: Link) -> None:
    known = link.execute(select(table_of(Meta).c.value).where(table_of(Meta).c.name == "schema")).scalar()
    if known is None:
        link.execute(insert(Meta).values(name="schema", value=SCHEMA))
    elif int(known) > int(SCHEMA):
        raise LocalTrouble("the ledger was written by a newer version of this program", fix="upgrade")
    elif int(known) < int(SCHEMA):
        # First, so that another process which opens the ledger too waits here until this one is done, and finds it widened.
        link.execute(update(table_of(Meta)).where(table_of(Meta).c.name == "schema").values(value=SCHEMA))
        _widen(link)


def _widen(link: Link) -> None:
    """Add the columns that tables of an earlier version lack. Raises LocalTrouble for one that may not be empty, as it is in
    every row of then.
    """
    there = inspect(link)
    for table in SQLModel.metadata.sorted_tables:
        known = {column["name"] for column in there.get_columns(table.name)}
        for column in (one for one in table.columns if one.name not in known):
            if not column.nullable:
                raise LocalTrouble(f"an earlier ledger has no {table.name}.{column.name}, and it may not be empty")
            text = CreateColumn(column).compile(dialect=link.dialect)
            link.exec_driver_sql(
                f"alter table {link.dialect.identifier_preparer.format_table(table)} add column {text}"
            )
