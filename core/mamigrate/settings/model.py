"""``mamigrate.toml`` as values."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ProjectSection(_Strict):
    name: str = ""
    time_zone: str = "UTC"
    lang: Literal["en", "ja", "ko"] | None = None
    signed: str | None = None
    block: tuple[str, ...] = ()


class CrmLink(_Strict):
    """What was decided about a CRM that is attached to either side; a run without it stops."""

    order: Literal["crm_first", "crm_last"] = "crm_first"
    sync: Literal["paused", "on"]
    match: tuple[str, ...] = ("crm_id", "email")
    owners: dict[str, str] = Field(default_factory=dict)
    signed: str


class FactsSection(_Strict):
    files: tuple[str, ...] = ()


class LedgerSection(_Strict):
    """``url`` is a SQLAlchemy URL; empty: the SQLite file of the project."""

    url: str = ""
    url_env: str = ""


class ConnectionSection(BaseModel):
    """A connection as written. What is not named here is an option of the adapter."""

    model_config = ConfigDict(frozen=True, extra="allow")

    adapter: str
    base_url: str = ""
    time_zone: str = "UTC"
    speed: float = 1.0
    contracted_people: int | None = None

    @property
    def own(self) -> dict[str, Any]:
        return dict(self.__pydantic_extra__ or {})


class ProjectFile(_Strict):
    project: ProjectSection = ProjectSection()
    connections: dict[str, ConnectionSection] = Field(default_factory=dict)
    crm_link: CrmLink | None = None
    facts: FactsSection = FactsSection()
    ledger: LedgerSection = LedgerSection()
