"""Options of a HubSpot connection."""

from dataclasses import dataclass

from mamigrate.contract import Connection, OptOutSync, Secret, Setting
from mamigrate.errors import UsageError
from mamigrate.http.origins import is_loopback

BASE_URL = "https://api.hubapi.com"
"""One host for every account, whatever its data region. (HubSpot docs, "OAuth" and "Private apps")"""

SETTINGS = (
    Setting("access_token", "token of a private app or service key", secret=True),
    Setting(
        "explicit_consent",
        "true when the account's data privacy settings let it send only to people with a recorded subscription, else false; "
        "no API tells it, and who never answered is mailed or not by it",
        declared=True,
    ),
    Setting("share", "part of each rate limit that may be used, 0.1 to 1", required=False, default="0.9"),
    Setting("others_a_day", "calls a day that other integrations need and keep", required=False, default="0"),
    Setting("search_per_second", "searches a second (the documents say 4 or 5)", required=False, default="4"),
    Setting("crm", "whether a CRM is linked: auto, yes or no", required=False, default="auto"),
    Setting(
        "opt_out_sync",
        "what becomes of an opt-out where the linked CRM says otherwise: either (an opt-out of one is one of both), own, "
        "latest, crm or unmapped (none is carried over); the integration's settings show it, and no API does",
        required=False,
        default=OptOutSync.UNKNOWN.value,
        declared=True,
    ),
)


@dataclass(frozen=True, slots=True)
class Options:
    """The options of one connection, checked."""

    access_token: Secret
    explicit_consent: bool
    share: float
    others_a_day: int
    search_per_second: int
    crm: str
    opt_out_sync: OptOutSync


def options(connection: Connection) -> Options:
    """Raises UsageError naming the option."""
    values = {one.name: connection.options.get(one.name, one.default) for one in SETTINGS}
    where = f"connections.{connection.name}"
    if connection.base_url.rstrip("/") not in ("", BASE_URL) and not is_loopback(connection.base_url):
        told = f"base_url is {BASE_URL} for every HubSpot account: write that, or leave the line out"
        raise UsageError(told, where=f"{where}.base_url")
    if "access_token" not in connection.secrets:
        raise UsageError("no access token", where=f"{where}.access_token", fix="access_token_env")
    return Options(
        access_token=connection.secrets["access_token"],
        explicit_consent=_choice(values, "explicit_consent", ("true", "false"), where) == "true",
        share=_number(values, "share", 0.1, 1.0, where),
        others_a_day=int(_number(values, "others_a_day", 0, 100_000_000, where)),
        search_per_second=int(_number(values, "search_per_second", 1, 10, where)),
        crm=_choice(values, "crm", ("auto", "yes", "no"), where),
        opt_out_sync=OptOutSync(_choice(values, "opt_out_sync", tuple(OptOutSync), where)),
    )


def _choice(values: dict[str, str], name: str, allowed: tuple[str, ...], where: str) -> str:
    text = values[name].strip().lower()
    if text not in allowed:
        raise UsageError(f"one of {', '.join(allowed)} is wanted", where=f"{where}.{name}")
    return text


def _number(values: dict[str, str], name: str, least: float, most: float, where: str) -> float:
    try:
        number = float(values[name])
    except ValueError:
        number = most + 1
    if not least <= number <= most:
        raise UsageError(f"a number from {least:g} to {most:g} is wanted", where=f"{where}.{name}")
    return number
