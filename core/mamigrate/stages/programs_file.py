"""``programs.yaml``: reading what somebody wrote and signed, and writing a first one."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from mamigrate import private
from mamigrate.errors import UsageError
from mamigrate.findings import Severity
from mamigrate.handwritten import mistakes, text
from mamigrate.handwritten.mistakes import Mistake
from mamigrate.mapping.load import Places
from mamigrate.mapping.recipes import Recipe, Recipes, load
from mamigrate.model.estate import Program
from mamigrate.model.kinds import Kind
from mamigrate.settings.project import Project
from mamigrate.stages.move import Move
from mamigrate.stages.starter import environment, flow

NOTHING = Places("", None)


@dataclass(frozen=True, slots=True)
class Read:
    """``recipes`` None: there is no file yet."""

    recipes: Recipes | None
    places: Places

    @property
    def signed(self) -> Recipes | None:
        """What may be carried out."""
        return self.recipes if self.recipes and self.recipes.signed else None


def read(move: Move) -> Read:
    """Raises UsageError that tells every slip with its place, also where the file is for another pair of connections."""
    path = move.project.programs_path
    if not path.exists():
        return Read(None, NOTHING)
    written = load(text.read(path, decides=True), path.name)
    if written.recipes is None:
        raise mistakes.refusal(written.mistakes)
    sides = {"source": (written.recipes.source, move.source.name), "target": (written.recipes.target, move.target.name)}
    wrong = [
        Mistake(written.places(side), f"these recipes are made for another {side}: this run's is {ours}")
        for side, (named, ours) in sides.items()
        if named != ours
    ]
    if wrong:
        raise mistakes.refusal(wrong)
    return Read(written.recipes, written.places)


def digest(project: Project) -> str:
    """The file's hash; empty where there is none."""
    path = project.programs_path
    return hashlib.sha256(text.content_of(path)).hexdigest() if path.exists() else ""


def kinds(move: Move) -> tuple[Kind, ...]:
    """What must be read of the source's past, because signed recipes rest on it. What cannot be understood needs nothing."""
    try:
        signed = read(move).signed
    except UsageError:
        return ()  # whoever begins a run is told at once
    return signed.needs() if signed and move.target.takes(Kind.PROGRAM) else ()


def propose(move: Move, recipes: Recipes, programs: Sequence[Program], left: Sequence[Program]) -> None:
    """Write the starter. ``left`` are programs for which nothing could be proposed."""
    names = {one.key: one.name for one in programs}
    shown = [{"yaml": as_yaml(one), "label": _plain(names[one.key])} for one in recipes.programs]
    rest = [{"key": one.key, "label": _plain(one.name)} for one in left]
    template = environment().get_template("programs.yaml.j2")
    content = template.render(recipes=recipes, programs=shown, left=rest, flow=flow)
    private.write(move.project.programs_path, content.encode())
    move.findings.add("programs_proposed", Severity.NOTE, move.project.programs_path.name, n=str(len(shown)))


def as_yaml(recipe: Recipe) -> str:
    """Lines of one recipe, a key each. What has its default is left out."""
    told = recipe.model_dump(by_alias=True, exclude_defaults=True, mode="json")
    members = [f"      - {flow(one)}" for one in told.pop("members", [])]
    lines = [f"{name}: {_flowing(value)}" for name, value in told.items()]
    return "\n    ".join([*lines, *(["members:"] if members else [])]) + "".join(f"\n{one}" for one in members)


def _flowing(value: object) -> str:
    """One line of YAML; JSON is YAML, and its quoting is safe."""
    return "[" + ", ".join(map(flow, value)) + "]" if isinstance(value, list) else flow(value)


def _plain(name: str) -> str:
    """Without what would end a comment."""
    return " ".join(name.split())
