"""Options of a Marketo connection."""

import re
from dataclasses import dataclass

from mamigrate.contract import Connection, OptOutSync, Secret, Setting
from mamigrate.errors import UsageError
from mamigrate.http.origins import is_loopback

_HOST = re.compile(r"https://\d{3}-[a-z]{3}-\d{3}\.mktorest\.com/?", re.IGNORECASE)
_MUNCHKIN = re.compile(r"(?<![\w-])\d{3}-[a-z]{3}-\d{3}(?![\w-])", re.IGNORECASE)

SETTINGS = (
    Setting("client_id", "client id of the custom service"),
    Setting("client_secret", "client secret of the custom service", secret=True),
    Setting("partition", "lead partition that new people go to", required=False),
    Setting("share", "part of each rate limit that may be used, 0.1 to 1", required=False, default="0.9"),
    Setting("others_a_day", "calls a day that other integrations need and keep", required=False, default="0"),
    Setting(
        "alone",
        "true when no other integration uses the instance: 100 calls in 20 s and 10 at a time instead of 50 and 5",
        required=False,
        default="false",
    ),
    Setting("daily_quota", "calls a day of the contract", required=False, default="50000"),
    Setting(
        "opt_out_sync",
        "what becomes of an opt-out where the linked CRM says otherwise: either (an opt-out of one is one of both), own, "
        "latest, crm or unmapped (none is carried over); no API tells it, and Adobe says that a contact of the CRM wins",
        required=False,
        declared=True,
    ),
)


@dataclass(frozen=True, slots=True)
class Options:
    """The options of one connection, checked."""

    base_url: str
    client_id: str
    client_secret: Secret
    partition: str
    share: float
    others_a_day: int
    alone: bool
    daily_quota: int
    opt_out_sync: OptOutSync | None


def options(connection: Connection) -> Options:
    """Raises UsageError naming the option."""
    where = f"connections.{connection.name}"
    values = {one.name: connection.options.get(one.name, one.default).strip() for one in SETTINGS}
    base_url = connection.base_url
    if not _HOST.fullmatch(base_url) and not is_loopback(base_url):
        raise UsageError(_right(base_url), where=f"{where}.base_url")
    if not values["client_id"]:
        raise UsageError("no client id", where=f"{where}.client_id", fix="client_id")
    if "client_secret" not in connection.secrets:
        raise UsageError("no client secret", where=f"{where}.client_secret", fix="client_secret_env")
    return Options(
        base_url=base_url.rstrip("/"),
        client_id=values["client_id"],
        client_secret=connection.secrets["client_secret"],
        partition=values["partition"],
        share=_number(values, "share", 0.1, 1.0, where),
        others_a_day=int(_number(values, "others_a_day", 0, 100_000_000, where)),
        alone=values["alone"].lower() == "true",
        daily_quota=int(_number(values, "daily_quota", 100, 100_000_000, where)),
        opt_out_sync=_mode(values["opt_out_sync"], where),
    )


def _mode(text: str, where: str) -> OptOutSync | None:
    if text and text not in tuple(OptOutSync):
        raise UsageError(f"one of {', '.join(OptOutSync)} is wanted", where=f"{where}.opt_out_sync")
    return OptOutSync(text) if text else None


def _right(base_url: str) -> str:
    """What is wrong with a base URL, and what to write where its Munchkin id can be seen in it."""
    found = _MUNCHKIN.search(base_url)
    if found:
        return f"base_url wants https, the host and nothing after it; write https://{found[0]}.mktorest.com"
    told = "this one does not" if base_url else "it is missing"
    return (
        f"base_url looks like https://123-ABC-456.mktorest.com, and {told}; "
        "it stands in Marketo under Admin, Integration, Web Services, REST API, there with /rest at its end"
    )


def _number(values: dict[str, str], name: str, least: float, most: float, where: str) -> float:
    try:
        number = float(values[name])
    except ValueError:
        number = most + 1
    if not least <= number <= most:
        raise UsageError(f"a number from {least:g} to {most:g} is wanted", where=f"{where}.{name}")
    return number
