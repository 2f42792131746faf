"""A pack: what one body of law asks for before marketing mail may go out, as reviewed data."""

import hashlib
from datetime import datetime, time
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field
from ruamel.yaml import YAML

from mamigrate.consent.kinds import CONFIRMED_PROOF, Grant

MARKETING = frozenset({"MKT", "SLS"})
"""Classes of mail that a pack speaks of: what a contract needs may always go out."""


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Quiet(_Strict):
    """Hours of the day at which these channels need a consent of their own: a grant on the basis ``unless``."""

    channels: tuple[str, ...]
    begins: time
    ends: time
    zone: str
    unless: str

    def holds(self, at: datetime) -> bool:
        """Whether the clock on the wall of the place stands inside the hours, which may go over midnight."""
        there = at.astimezone(ZoneInfo(self.zone)).time()
        if self.begins <= self.ends:
            return self.begins <= there < self.ends
        return there >= self.begins or there < self.ends


class Pack(_Strict):
    """``need``: the least grant by channel, ``*`` for the others. ``soft``: bases of an implied grant that do as well,
    each with the months that it lasts after the event (None: no fixed term). ``least_proof``: the least proof (0 to 4) of a
    grant, whatever its kind: a bare flag (0) shows nobody's consent. ``reconfirm_months``: how long any consent lasts without
    being confirmed again. ``countries``: names and codes of each, as people write them.

    ``stop_days`` (working days until an opt-out must be in effect) and ``link_days`` (days that an unsubscribe link must
    work after sending) bind the sender, not the move. ``law`` names the articles; ``reviewed`` who looked and when.
    """

    name: str
    title: str
    law: tuple[str, ...]
    reviewed: str
    countries: dict[str, tuple[str, ...]]
    need: dict[str, Grant]
    least_proof: int = Field(default=0, ge=0, le=CONFIRMED_PROOF)
    soft: dict[str, int | None] = Field(default_factory=dict)
    reconfirm_months: int | None = None
    quiet: Quiet | None = None
    stop_days: int | None = None
    link_days: int | None = None

    @property
    def version(self) -> str:
        """Another one as soon as anything that the pack says is another."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:12]

    def needs(self, channel: str, asset_class: str) -> Grant:
        if asset_class not in MARKETING:
            return Grant.NONE
        return self.need.get(channel, self.need.get("*", Grant.NONE))

    def proof(self, grant: Grant, needed: Grant) -> int:
        """The least proof of a grant where ``needed`` is asked for: nothing but a basis of ``soft`` stands in for a double opt-in."""
        double = needed is Grant.CONFIRMED and grant is not Grant.IMPLIED
        return CONFIRMED_PROOF if double else self.least_proof

    def least(self, needed: Grant) -> Grant:
        """The least kind of a counted grant that will do: what ``soft`` names does what an express one does, or a double one."""
        return Grant.IMPLIED if self.soft and needed in (Grant.EXPRESS, Grant.CONFIRMED) else needed

    def lasts(self, grant: Grant, basis: str) -> int | None:
        """Months that a grant counts after its event; None: no fixed term. Raises KeyError for one that never counts."""
        if grant is not Grant.IMPLIED:
            return self.reconfirm_months
        own = self.soft[basis]
        return min((months for months in (own, self.reconfirm_months) if months is not None), default=None)


SOURCE = "source"
"""The regime of nobody's law: what the source platform itself would send."""


@cache
def packs() -> dict[str, Pack]:
    """All packs that come with the program, by name."""
    folder = resources.files(__package__) / "packs"
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".yaml")), key=lambda file: file.name)
    found = [Pack.model_validate(YAML(typ="safe").load(file.read_text(encoding="utf-8"))) for file in files]
    return {pack.name: pack for pack in found}
