"""``decisions.yaml``: what people decided, with who, why and when."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from pydantic import BaseModel, ConfigDict, StringConstraints, TypeAdapter, ValidationError

from mamigrate import private
from mamigrate.consent.declared import Declared
from mamigrate.handwritten import marked, mistakes, text
from mamigrate.handwritten.mistakes import Mistake

Filled = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]

COLUMN = "consent-column/"
"""How ids of decisions about columns begin; the field's name follows."""
DECLARE = "declare"
"""A choice about a column: what its values say stands in ``column``."""
QUESTIONS = (
    "irreversible/create-fields",
    "irreversible/create-member-fields",
    "irreversible/hold-by-law",
    "unread-denials",
    "unread-columns",
    "unattributed-denials",
    "lifted-denials/",
    "unplaced-denials",
    "late-denials",
    "old-source",
    "live/",
    COLUMN,
    "crm-unknown/",
    "crm-opt-outs/none",
    "crm-id/",
    "forget-facts/",
    "reuse-field/",
    "count-short/",
    "shrunk/",
    "other-instance/",
    "default-topic/",
    "opt-out-sync/",
    "asset-class/",
)
"""What the gate asks; one that ends with a slash is asked about each object, by its id."""
CHOICES = ("accept", "refuse")
"""What every question takes. Only ``accept`` lets a run go on."""


class Decision(BaseModel):
    """``id`` names the question (one of QUESTIONS), ``choice`` is one of CHOICES, or DECLARE for what a column says."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Filled
    choice: Filled
    who: Filled
    why: str = ""
    when: date
    column: Declared | None = None


class Unasked(NamedTuple):
    """A decision whose question nobody asks: ``where`` it stands, and the ``nearest`` question there is."""

    where: str
    id: str
    nearest: str


class Decisions:
    """The decisions of a project, by id."""

    def __init__(
        self, made: list[Decision], digest: str, unasked: tuple[Unasked, ...] = (), places: Sequence[str] = ()
    ) -> None:
        self._by_id = {one.id: one for one in made}
        self._places = {one.id: place for one, place in zip(made, places, strict=False)}
        self.digest, self.unasked = digest, unasked

    def choice(self, id: str) -> str | None:
        made = self._by_id.get(id)
        return made.choice if made else None

    def get(self, id: str) -> Decision | None:
        return self._by_id.get(id)

    def where(self, id: str) -> str:
        """The file with line and column of a decision's id."""
        return self._places.get(id, id)

    def __iter__(self) -> Iterator[Decision]:
        return iter(self._by_id.values())

    def columns(self) -> dict[str, Declared]:
        """What somebody declared of columns, by the field's name."""
        made = ((one.id.removeprefix(COLUMN), one.column) for one in self._by_id.values() if one.choice == DECLARE)
        return {field: column for field, column in made if column is not None}


def load(path: Path) -> Decisions:
    """Raises UsageError that tells every mistake with its place, where the file is no list of decisions."""
    if not path.exists():
        return Decisions([], hashlib.sha256(b"").hexdigest())
    content = text.read(path, decides=True)
    tree, wrong = marked.parse(content, str(path))
    if wrong:
        raise mistakes.refusal(wrong)
    place = partial(marked.place, tree, name=str(path))
    try:
        made = TypeAdapter(list[Decision]).validate_python(tree or [])
    except ValidationError as error:
        raise mistakes.refusal(mistakes.of(error, list[Decision], place)) from error
    if wrong := list(_contradictions(made, place)):
        raise mistakes.refusal(wrong)
    unasked = [(at, one) for at, one in enumerate(made) if not _asked(one.id)]
    return Decisions(
        made,
        hashlib.sha256(content.encode()).hexdigest(),
        tuple(Unasked(place((at, "id")), one.id, _nearest(one.id)) for at, one in unasked),
        [place((at, "id")) for at in range(len(made))],
    )


def _contradictions(made: list[Decision], place: Any) -> Iterator[Mistake]:
    """Choices that do not exist, and questions that are decided twice."""
    counted = Counter(one.id for one in made)
    for at, one in enumerate(made):
        choices = (*CHOICES, DECLARE) if one.id.startswith(COLUMN) else CHOICES
        if _asked(one.id) and one.choice not in choices:
            yield Mistake(
                place((at, "choice")),
                f"there is no choice {text.quoted(one.choice, 'like this ').strip()}; {text.hint(one.choice, choices)}",
            )
        if (one.choice == DECLARE) is (one.column is None):
            yield Mistake(
                place((at, "choice")), f'"{DECLARE}" goes with what the values say, in "column": both or neither'
            )
        if counted[one.id] > 1:
            yield Mistake(
                place((at, "id")),
                f"{text.quoted(one.id, 'this question ')}is decided {counted[one.id]} times: leave one",
            )


def _asked(id: str) -> bool:
    return any(id == question or (question.endswith("/") and id.startswith(question)) for question in QUESTIONS)


def _nearest(id: str) -> str:
    """The id that was likely meant: of a question about each object the whole one, with the object that was named."""
    begin, _, rest = id.partition("/")
    question = text.nearest(begin, dict.fromkeys(one.partition("/")[0] for one in QUESTIONS))
    return f"{question}/{rest}" if f"{question}/" in QUESTIONS else text.nearest(id, QUESTIONS)


def add(path: Path, more: list[Decision]) -> None:
    """Append decisions whose ids are not there yet."""
    known = load(path)
    fresh = [one for one in more if known.get(one.id) is None]
    if fresh:
        lines = "".join(_as_yaml(one) for one in fresh)
        before = path.read_bytes() if path.exists() else b""
        ended = b"" if not before or before.endswith(b"\n") else b"\n"
        private.write(path, before + ended + lines.encode())


def as_yaml(id: str, choice: str, who: str, why: str, when: str, column: Mapping[str, Any] | None = None) -> str:
    """The lines of one decision. What is empty must be filled in before ``load`` takes it."""
    rows = [f"- id: {_quoted(id)}", f"  choice: {_quoted(choice)}", f"  who: {_quoted(who)}"]
    rows += [f"  why: {_quoted(why)}", f"  when: {when}".rstrip()]
    rows += [f"  column: {_flow(column)}"] if column else []
    return "\n".join([*rows, ""])


def _flow(value: Any) -> str:
    if not isinstance(value, Mapping):
        return _quoted(str(value))
    return "{" + ", ".join(f"{_quoted(str(key))}: {_flow(inner)}" for key, inner in value.items()) + "}"


def _as_yaml(made: Decision) -> str:
    return as_yaml(made.id, made.choice, made.who, made.why, made.when.isoformat())


_SPECIAL = re.compile('["\\\\\x00-\x1f\x7f-\xa0\u2028\u2029\ufeff\ufffe\uffff]')
"""Characters that YAML takes for something else, or does not take, between double quotes."""


def _quoted(text: str) -> str:
    return '"' + _SPECIAL.sub(_escape, text) + '"'


def _escape(found: re.Match[str]) -> str:
    char = found.group()
    return f"\\{char}" if char in '"\\' else f"\\u{ord(char):04x}"
