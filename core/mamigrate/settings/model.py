"""``mamigrate.toml`` as values."""

import re
from datetime import date, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from mamigrate.consent.regimes.basis import BasisRule
from mamigrate.consent.regimes.choice import Regime
from mamigrate.consent.regimes.pack import SOURCE, packs
from mamigrate.handwritten.text import hint, nearest
from mamigrate.plan.policy import HistorySection
from mamigrate.settings.transfers import TransfersSection
from mamigrate_templates import languages


def _zone(name: str) -> str:
    """Raises ValueError for a zone that this machine does not know."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        near = nearest(name, available_timezones())
        meant = f'did you mean "{near}"?' if near else "write an IANA name such as Europe/Berlin"
        raise ValueError(f'there is no time zone "{name}"; {meant}') from error
    return name


def _language(name: str) -> str:
    if name not in languages():
        raise ValueError(f'there are no texts in the language "{name}"; {hint(name, languages())}')
    return name


def _digits(value: object) -> object:
    """Raises ValueError for text such as ``20.000``, which means one number in Berlin and another in Boston."""
    if isinstance(value, str) and not value.isdecimal():
        raise ValueError(f'"{value}" is no whole number: write digits only')
    return value


def _name(name: str) -> str:
    """Raises ValueError for what is no name of a connection: folders are called after it, and references begin with it."""
    if not _NAME.fullmatch(name) or name.partition(".")[0].upper() in _DEVICES:
        raise ValueError("a connection is called with letters, digits, - and _ only, at most 64 of them")
    return name


_NAME = re.compile(r"[^\W_][\w-]{0,63}")
_DEVICES = frozenset({"CON", "PRN", "AUX", "NUL", *(f"{port}{n}" for port in ("COM", "LPT") for n in range(10))})
"""Names that are devices on some systems, whatever their case and end."""

Name = Annotated[str, AfterValidator(_name)]
Number = Annotated[int, BeforeValidator(_digits)]
Zone = Annotated[str, AfterValidator(_zone)]
Language = Annotated[str, AfterValidator(_language)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ProjectSection(_Strict):
    name: str = ""
    time_zone: Zone = "UTC"
    lang: Language | None = None
    licence_ends: date | None = None
    signed: str | None = None
    block: tuple[str, ...] = ()


class CrmLink(_Strict):
    """What was decided about a CRM that is attached to either side; a run without it stops.

    ``cycle_hours``: how long one full cycle of its sync takes. Without it no proof counts as settled.
    """

    order: Literal["crm_first", "crm_last"] = "crm_first"
    sync: Literal["paused", "on"]
    match: tuple[Literal["crm_id", "email"], ...] = ("crm_id", "email")
    owners: dict[str, str] = Field(default_factory=dict)
    cycle_hours: Number | None = Field(default=None, ge=1, le=24 * 31)
    signed: str


def _pack(name: str) -> str:
    if name not in packs():
        raise ValueError(f'there is no pack of law "{name}"; {hint(name, packs())}')
    return name


def _regime(name: str) -> str:
    return name if name == SOURCE else _pack(name)


class ConsentSection(_Strict):
    """Packs of law that lower what the source would send, and how addresses were got. ``signed``: who decided it.

    ``pending_days``: how long a double opt-in may wait before it counts as refused; a shorter wait that the source tells wins.
    """

    packs: tuple[Annotated[str, AfterValidator(_pack)], ...] = ()
    default_regime: Annotated[str, AfterValidator(_regime)] = SOURCE
    basis: tuple[BasisRule, ...] = ()
    pending_days: Number = Field(default=30, ge=1, le=3650)
    signed: str = ""

    @model_validator(mode="after")
    def _is_signed(self) -> "ConsentSection":
        if (self.packs or self.basis or self.default_regime != SOURCE) and not self.signed.strip():
            raise ValueError('packs and basis rules decide who is mailed: say who decided them in `signed = "..."`')
        return self

    @property
    def pending_term(self) -> timedelta:
        return timedelta(days=self.pending_days)

    @property
    def regime(self) -> Regime:
        known = packs()
        return Regime(tuple(known[name] for name in self.packs), known.get(self.default_regime))


class FactsSection(_Strict):
    """``tombstones``: folders of evidence that purges of earlier projects left."""

    files: tuple[str, ...] = ()
    tombstones: tuple[str, ...] = ()


class SnapshotsSection(_Strict):
    """Where the key comes from with which snapshots are encrypted; empty: they are not."""

    key_env: str = ""
    key_keyring: str = ""


class LedgerSection(_Strict):
    """``url`` is a SQLAlchemy URL; empty: the SQLite file of the project."""

    url: str = ""
    url_env: str = ""


class ConnectionSection(BaseModel):
    """A connection as written. What is not named here is an option of the adapter."""

    model_config = ConfigDict(frozen=True, extra="allow")

    adapter: str
    base_url: str = ""
    time_zone: Zone = "UTC"
    speed: float = Field(default=1.0, gt=0)
    contracted_people: Number | None = Field(default=None, ge=0)

    @property
    def own(self) -> dict[str, Any]:
        return dict(self.__pydantic_extra__ or {})


class ProjectFile(_Strict):
    project: ProjectSection = ProjectSection()
    connections: dict[Name, ConnectionSection] = Field(default_factory=dict)
    crm_link: CrmLink | None = None
    facts: FactsSection = FactsSection()
    consent: ConsentSection = ConsentSection()
    history: HistorySection | None = None
    ledger: LedgerSection = LedgerSection()
    snapshots: SnapshotsSection = SnapshotsSection()
    transfers: TransfersSection | None = None
