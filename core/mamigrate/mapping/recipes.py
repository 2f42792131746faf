"""Program recipes as values: how programs of the source become programs of the target. ``programs.yaml`` holds them.

``docs/reference/programs.md`` explains the file; ``load`` reads it.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache, partial
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from mamigrate.handwritten import marked, mistakes
from mamigrate.handwritten.mistakes import Mistake
from mamigrate.handwritten.text import quoted
from mamigrate.mapping.load import Places
from mamigrate.mapping.model import Filled, Signature
from mamigrate.model.kinds import Kind

Amount = Annotated[Decimal, Field(ge=0, max_digits=15, decimal_places=2)]
Acquisition = Literal["none", "first_success"]

EVIDENCE = ("list", "form", "participation", "click", "reply")
"""What a rule may go by: being in a list, having sent a form, a state of taking part, having clicked in or answered an email."""
HAPPENED = {"form": "form.submitted", "click": "email.click", "reply": "email.reply"}
"""Types of activities by the evidence that rests on them."""


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class MemberRule(_Strict):
    """Who becomes a member, with which status: by exactly one piece of evidence, named by the source's key."""

    in_list: Filled | None = Field(default=None, alias="list")
    form: Filled | None = None
    participation: Filled | None = None
    click: Filled | None = None
    reply: Filled | None = None
    status: Filled

    @model_validator(mode="after")
    def _one_evidence(self) -> Self:
        if sum(value is not None for value in self._told.values()) != 1:
            raise ValueError(f"give exactly one of {', '.join(EVIDENCE)}")
        return self

    @property
    def _told(self) -> dict[str, str | None]:
        named = {"list": self.in_list, "form": self.form, "participation": self.participation}
        return named | {"click": self.click, "reply": self.reply}

    @property
    def evidence(self) -> tuple[str, str]:
        """Which of ``EVIDENCE``, and the key of the list, form or email, or the state."""
        return next((what, of) for what, of in self._told.items() if of is not None)


class Cost(_Strict):
    """What a period cost, in the file's currency."""

    on: date
    amount: Amount
    note: str = ""


class Recipe(_Strict):
    """One program of the target. ``sources`` are one or several programs of the source; the first names it."""

    sources: tuple[Filled, ...] = Field(alias="from", min_length=1)
    name: Filled
    type: Filled
    channel: Filled
    folder: Filled
    description: str = ""
    starts: date | None = None
    ends: date | None = None
    costs: tuple[Cost, ...] = ()
    tags: dict[str, Filled] = Field(default_factory=dict)
    members: tuple[MemberRule, ...] = ()

    @field_validator("ends")
    @classmethod
    def _in_order(cls, ends: date | None, info: Any) -> date | None:
        starts = info.data.get("starts")
        if ends and starts and ends < starts:
            raise ValueError('"ends" is before "starts"')
        return ends

    @property
    def key(self) -> str:
        return self.sources[0]


class Attribution(_Strict):
    """Which opportunities are won, by the source's stages, and which of its fields holds what they brought."""

    won_stages: tuple[Filled, ...] = Field(min_length=1)
    amount: Filled


class Recipes(_Strict):
    """The whole file. ``leave`` names programs that stay behind, each with a reason."""

    version: Literal[1] = 1
    source: Filled
    target: Filled
    signed: Signature | None = None
    currency: str = ""
    acquisition: Acquisition = "none"
    attribution: Attribution | None = None
    programs: tuple[Recipe, ...] = ()
    leave: dict[str, Filled] = Field(default_factory=dict)

    def of(self, program: str) -> Recipe | None:
        return next((one for one in self.programs if program in one.sources), None)

    def needs(self) -> tuple[Kind, ...]:
        """Kinds of the source's past that the rules rest on."""
        told = {rule.evidence[0] for recipe in self.programs for rule in recipe.members}
        wanted = {Kind.PROGRAM_MEMBERSHIP: "participation" in told, Kind.ACTIVITY: bool(told & HAPPENED.keys())}
        return tuple(kind for kind, needed in wanted.items() if needed)


@dataclass(frozen=True, slots=True)
class Written:
    """Recipes as they stand in a file, or what is wrong with it."""

    recipes: Recipes | None
    places: Places
    mistakes: list[Mistake] = field(default_factory=list)


@lru_cache(maxsize=1)
def load(text: str, name: str) -> Written:
    """``name`` is the file's, for the places. A run asks several times for the same text."""
    tree, wrong = marked.parse(text, name)
    places = Places(name, tree)
    if tree is None:
        return Written(None, places, wrong or [Mistake(f"{name}:1:1", "the file is empty")])
    place = partial(marked.place, tree, name=name)
    try:
        recipes = Recipes.model_validate(tree)
    except ValidationError as error:
        return Written(None, places, mistakes.of(error, Recipes, place))
    doubled = list(_twice(recipes, places))
    return Written(None if doubled else recipes, places, doubled)


def _twice(recipes: Recipes, places: Places) -> Iterator[Mistake]:
    """A program of the source that becomes two, or becomes one and stays behind."""
    counted = Counter(source for one in recipes.programs for source in one.sources)
    for at, one in enumerate(recipes.programs):
        for source in one.sources:
            if counted[source] > 1 or source in recipes.leave:
                said = f"{quoted(source, 'this program ')}stands here twice: a program goes into one recipe, or is left"
                yield Mistake(places("programs", at, "from"), said)
