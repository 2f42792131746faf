"""``python -m mamigrate_sandbox``: the command ``sandbox up`` without the rest of the program."""

import sqlite3
import sys

import typer

from mamigrate.errors import LocalTrouble, UsageError
from mamigrate_sandbox.command import up


def main() -> None:
    """Exit codes: 2 for a wrong option, 6 for trouble on this machine."""
    app = typer.Typer(add_completion=False)
    app.command()(up)
    try:
        app()
    except UsageError as error:
        sys.stderr.write(f"{error.problem}{f' ({error.fix})' if error.fix else ''}\n")
        sys.exit(2)
    except LocalTrouble as error:
        sys.stderr.write(f"{error.problem}\n")
        sys.exit(6)
    except (sqlite3.OperationalError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(6)


if __name__ == "__main__":
    main()
