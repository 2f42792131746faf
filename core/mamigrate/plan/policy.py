"""``[history]``: what of the past goes along, by family and age, and who decided it."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from mamigrate.model.activities import Family

Policy = Literal["none", "minimum", "full"]
"""``minimum``: what says who somebody is and how the company came by them. ``full``: everything that was read."""
MINIMUM = frozenset({Family.FORM, Family.EVENT, Family.CHANGE})


Months = Annotated[int, Field(strict=True, ge=1, le=1200)]


class FamilyRule(BaseModel):
    """One family's own rule. ``months``: nothing older goes along."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    carry: bool = True
    months: Months | None = None


class HistorySection(BaseModel):
    """``policy`` for all families, ``families`` for those that are an exception. ``bots``: whether events of machines go along,
    marked; ``signed``: who decided it, since types of activities can never be renamed and activities never be deleted.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    policy: Policy
    months: Months | None = None
    bots: bool = True
    families: dict[Family, FamilyRule] = Field(default_factory=dict)
    signed: str

    @field_validator("signed")
    @classmethod
    def _is_signed(cls, who: str) -> str:
        if not who.strip():
            raise ValueError("nobody can take history back: say who decided it")
        return who

    def carries(self, family: Family) -> bool:
        own = self.families.get(family)
        if own is not None:
            return own.carry
        return self.policy == "full" or (self.policy == "minimum" and family in MINIMUM)

    def oldest(self, family: Family) -> int | None:
        """Months back from now; None: any age."""
        own = self.families.get(family)
        return own.months if own is not None and own.months is not None else self.months
