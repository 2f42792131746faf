"""``sandbox up``: run local vendors until told to stop."""

import os
import signal
import sys
import threading
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import orjson
import typer

from mamigrate.errors import UsageError
from mamigrate.hookspecs import RehearsalRequest
from mamigrate_sandbox import alone
from mamigrate_sandbox import project as project_folder
from mamigrate_sandbox.estates.catalogue import ESTATES, is_estate
from mamigrate_sandbox.running import VENDORS, Sandbox, Wish, check, filled, signature


def up(
    vendor: Annotated[
        list[str] | None, typer.Option(help="hubspot or marketo, with :NAME for another connection name")
    ] = None,
    estate: Annotated[
        str, typer.Option(help=f"what the first vendor holds: {', '.join(ESTATES)}, data:FOLDER or snapshot:FOLDER")
    ] = "messy",
    people: Annotated[int, typer.Option(help="how many people; messy needs 200 or more", min=1)] = 5_000,
    seed: Annotated[int, typer.Option(help="another seed, other people")] = 7,
    others: Annotated[str, typer.Option(help="what the other vendors hold: lived, empty, or an estate")] = "lived",
    speed: Annotated[float, typer.Option(help="how much faster than the wall the clocks run", min=0.001)] = 60.0,
    project: Annotated[Path | None, typer.Option(help="folder for mamigrate.toml and the state")] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="forget earlier state")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="one line of JSON once all listen")] = False,
    tied: Annotated[bool, typer.Option("--tied", hidden=True)] = False,
    refill: Annotated[bool, typer.Option("--refill", hidden=True)] = False,
) -> None:
    """Run local vendors for any client. The first gets the estate, the others are lived in; state is kept."""
    wishes = wished(vendor or ["hubspot", "marketo"], estate, others, people, seed, speed)
    home = project or Path()
    for wish in wishes:
        check(wish, state_file(home, wish.name), fresh=fresh or refill)
    otherwise = refill and any(filled(state_file(home, one.name)) not in (None, signature(one)) for one in wishes)
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    if tied:
        threading.Thread(target=_wait_for_parent, args=(ended,), daemon=True).start()
    running: list[Sandbox] = []
    with ExitStack() as held:
        for wish in wishes:
            file = state_file(home, wish.name)
            lock = held.enter_context(alone.alone(file, wish.name))
            made = Sandbox(wish, file, fresh=fresh or otherwise)
            for other in running:
                made.join(other)
            running.append(made)
            held.callback(running[-1].stop)
            alone.serves(lock, running[-1].described()["base_url"])
        if otherwise:
            project_folder.forget(home)
        if project is not None:
            project_folder.write(project, [(each.wish, each.described()) for each in running], fresh=fresh or otherwise)
        _announce(running, as_json=as_json)
        ended.wait()


def check_rehearsal(request: RehearsalRequest) -> None:
    """Makes nothing. Raises UsageError for sandboxes that cannot be started as asked."""
    words = [vendor if vendor == name else f"{vendor}:{name}" for vendor, name in request.vendors]
    for wish in wished(words, request.estate, "lived", request.people, request.seed, 60.0):
        check(wish, state_file(request.project, wish.name), fresh=request.fresh)
    if request.fresh:
        project_folder.check_forgettable(request.project)


def wished(vendors: list[str], estate: str, others: str, people: int, seed: int, speed: float) -> list[Wish]:
    """What the options ask for. Raises UsageError for unknown vendors and estates and for names given twice."""
    wishes: list[Wish] = []
    for at, text in enumerate(vendors):
        name = _Name.of(text)
        wanted = estate if at == 0 or estate == "twin" else others
        if name.vendor not in VENDORS:
            raise UsageError(f"no sandbox for {name.vendor!r}; there are {', '.join(VENDORS)}", where="--vendor")
        if not is_estate(wanted):
            raise UsageError(f"no estate is called {wanted!r}; there are {', '.join(ESTATES)}", where="--estate")
        if any(each.name == name.name for each in wishes):
            raise UsageError(f"two sandboxes are called {name.name!r}; write {name.vendor}:NAME", where="--vendor")
        wishes.append(Wish(name.vendor, name.name, wanted, people, seed, speed))
    return wishes


def state_file(project: Path, name: str) -> Path:
    return project / ".mamigrate" / "sandbox" / f"{name}.sqlite"


@dataclass(frozen=True)
class _Name:
    vendor: str
    name: str

    @classmethod
    def of(cls, text: str) -> "_Name":
        vendor, _, name = text.partition(":")
        if name and not all(letter.isalnum() or letter in "-_" for letter in name):
            raise UsageError(f"{name!r} is no connection name: letters, digits, - and _", where="--vendor")
        return cls(vendor, name or vendor)


def _announce(running: list[Sandbox], *, as_json: bool) -> None:
    described = {each.wish.name: each.described() for each in running}
    if as_json:
        sys.stdout.write(orjson.dumps(described).decode() + "\n")
    else:
        for name, facts in described.items():
            sys.stdout.write(f"{name}\n" + "".join(f"  {key:<14} {value}\n" for key, value in facts.items()))
        sys.stdout.write("Stop with Ctrl-C.\n")
    sys.stdout.flush()


def _wait_for_parent(ended: threading.Event) -> None:
    """The starting process holds the other end of standard input: its end is ours."""
    # Not through sys.stdin: a thread that holds its lock makes the interpreter abort when another leaves.
    while os.read(0, 1024):
        pass
    ended.set()
