"""``decisions.yaml``: what people decided, with who, why and when."""

import hashlib
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from mamigrate import private
from mamigrate.errors import UsageError


class Decision(BaseModel):
    """``id`` names the question (``irreversible/create-fields``, ``archived-people`` ...), ``choice`` the answer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    choice: str
    who: str
    why: str = ""
    when: date


class Decisions:
    """The decisions of a project, by id."""

    def __init__(self, made: list[Decision], digest: str) -> None:
        self._by_id = {one.id: one for one in made}
        self.digest = digest

    def choice(self, id: str) -> str | None:
        made = self._by_id.get(id)
        return made.choice if made else None

    def get(self, id: str) -> Decision | None:
        return self._by_id.get(id)

    def __iter__(self) -> Iterator[Decision]:
        return iter(self._by_id.values())


def load(path: Path) -> Decisions:
    """Raises UsageError where the file does not parse."""
    if not path.exists():
        return Decisions([], hashlib.sha256(b"").hexdigest())
    content = path.read_bytes()
    try:
        tree = YAML(typ="safe").load(content) or []
        made = TypeAdapter(list[Decision]).validate_python(tree)
    except (YAMLError, ValidationError) as error:
        raise UsageError(str(error).splitlines()[0], where=str(path)) from error
    return Decisions(made, hashlib.sha256(content).hexdigest())


def add(path: Path, more: list[Decision]) -> None:
    """Append decisions whose ids are not there yet."""
    known = load(path)
    fresh = [one for one in more if known.get(one.id) is None]
    if fresh:
        lines = "".join(_as_yaml(one) for one in fresh)
        private.write(path, (path.read_bytes() if path.exists() else b"") + lines.encode())


def _as_yaml(made: Decision) -> str:
    rows = [f"- id: {_quoted(made.id)}", f"  choice: {_quoted(made.choice)}", f"  who: {_quoted(made.who)}"]
    rows += [f"  why: {_quoted(made.why)}", f"  when: {made.when.isoformat()}", ""]
    return "\n".join(rows)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
