"""Which language a report opens in: what was asked for, else the project's, else the environment's."""

from collections.abc import Mapping

from mamigrate.reports.messages import LANGUAGES

VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")
"""In the order in which POSIX reads them."""


def choose(asked: str | None, project: str | None, environment: Mapping[str, str]) -> str:
    """One of LANGUAGES; English where nothing names one that we have."""
    for wish in (asked, project, _of(environment)):
        if wish in LANGUAGES:
            return str(wish)
    return LANGUAGES[0]


def _of(environment: Mapping[str, str]) -> str:
    set_ones = (environment[name] for name in VARIABLES if environment.get(name))
    return next(set_ones, "").split("_")[0].split(".")[0].lower()
