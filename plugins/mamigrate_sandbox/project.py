"""The project folder that goes with running sandboxes: connections, signed decisions, files of facts."""

import csv
import io
import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from mamigrate import private
from mamigrate.errors import UsageError
from mamigrate_sandbox.estates.catalogue import WORLDS
from mamigrate_sandbox.estates.world import World
from mamigrate_sandbox.running import Wish

_FACTS = ("facts/crm_optouts.csv", "facts/erased.csv")
_COLUMNS = ("address", "id", "what", "when", "source")
_CRM_LINK = '[crm_link]\norder = "crm_first"\nsync = "paused"\nmatch = ["crm_id", "email"]\nsigned = "sandbox"\n'
_HISTORY = '[history]\npolicy = "full"\nsigned = "sandbox"\n'
_NO_OPT_OUTS = "crm-opt-outs/none"
_SIGNED = "- {{id: {id}, choice: accept, who: sandbox, why: {why}, when: {today}}}\n"
_SECTION = re.compile(r"^\s*\[(?P<name>[^\]]+)\]\s*$")


def write(folder: Path, sandboxes: Sequence[tuple[Wish, Mapping[str, str]]], *, fresh: bool = False) -> None:
    """Write what does not exist yet; connections are always written anew, because ports change.

    ``fresh``: the people may be others now, so the files of facts are written anew too.
    """
    file = folder / "mamigrate.toml"
    text = file.read_text(encoding="utf-8") if file.exists() else _beginning(folder)
    text = _without(
        text,
        {f"connections.{wish.name}" for wish, _ in sandboxes} | {f'connections."{wish.name}"' for wish, _ in sandboxes},
    )
    sections = [_connection(wish, described) for wish, described in sandboxes]
    private.write(file, "\n".join([text.rstrip("\n"), "", *sections]).encode())
    _facts(folder, sandboxes[0][0], fresh=fresh)


def check_forgettable(folder: Path) -> None:
    """Raises UsageError where ``forget`` could not do it: the ledger lies on a server."""
    file = folder / "mamigrate.toml"
    sections = [_SECTION.match(line) for line in file.read_text(encoding="utf-8").splitlines()] if file.exists() else []
    if any(header and header["name"].strip() == "ledger" for header in sections):
        told = "the ledger of this project lies on a server and knows the sandboxes as they are: use another folder"
        raise UsageError(told, where=str(file))


def forget(folder: Path) -> None:
    """What a project knew of sandboxes that are filled otherwise now: ledger, snapshots, plans. Denials stay."""
    own = folder / ".mamigrate"
    for each in (*own.glob("ledger.sqlite*"), own / "snapshots", own / "plans"):
        if each.is_dir():
            shutil.rmtree(each)
        else:
            each.unlink(missing_ok=True)


def _beginning(folder: Path) -> str:
    name = _quoted(folder.resolve().name or "sandbox")
    listed = ", ".join(_quoted(each) for each in _FACTS)
    head = f'[project]\nname = {name}\ntime_zone = "Asia/Tokyo"\nsigned = "sandbox"\n'
    return f"{head}\n{_CRM_LINK}\n{_HISTORY}\n[facts]\nfiles = [{listed}]\n"


def _connection(wish: Wish, described: Mapping[str, str]) -> str:
    lines = [
        f"[connections.{wish.name if re.fullmatch('[A-Za-z0-9_-]+', wish.name) else _quoted(wish.name)}]",
        f"adapter = {_quoted(wish.vendor)}",
        f"base_url = {_quoted(described['base_url'])}",
        'time_zone = "Asia/Tokyo"',
        f"speed = {wish.speed:g}",
    ]
    lines += [
        f"{name} = {_quoted(value)}" for name, value in described.items() if name not in ("base_url", "control_url")
    ]
    if wish.vendor == "hubspot":
        # As HubSpot's pages have it, and no API: opting out on either side opts out both.
        lines += ['explicit_consent = "false"', 'opt_out_sync = "either"']
    if wish.vendor == "marketo":
        lines.append(f"contracted_people = {round(wish.people * 1.2)}")
    return "\n".join(lines) + "\n"


def _without(text: str, names: set[str]) -> str:
    """The file without these sections; everything else stays as people wrote it."""
    kept, inside = [], False
    for line in text.splitlines():
        header = _SECTION.match(line)
        if header:
            inside = header["name"].strip() in names
        if not inside:
            kept.append(line)
    return "\n".join(kept) + "\n"


def _facts(folder: Path, source: Wish, *, fresh: bool) -> None:
    """What only the CRM knows, and who was erased: the source platform's own API lists neither."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    make = WORLDS.get(source.estate)
    world = make(source.people, source.seed, today) if make else None
    if world is None:
        _sign(folder / "decisions.yaml", "no CRM stands behind a copy", today)
    elif not any(True for _ in world.crm_opt_outs()):
        _sign(folder / "decisions.yaml", "the CRM of this estate knows no opt-outs", today)
    rows = (_opt_outs(world) if world else (), _erased(world) if world else ())
    for name, lines in zip(_FACTS, rows, strict=True):
        if fresh or not (folder / name).exists():
            private.write(folder / name, _csv(lines))


def _sign(decisions: Path, why: str, today: datetime) -> None:
    """Say that the CRM knows no opt-outs, where the file does not say something about that already."""
    text = decisions.read_text(encoding="utf-8") if decisions.exists() else ""
    if _NO_OPT_OUTS not in text:
        signed = _SIGNED.format(id=_NO_OPT_OUTS, why=why, today=today.date())
        private.write(decisions, f"{text}{'' if not text or text.endswith(chr(10)) else chr(10)}{signed}".encode())


def _opt_outs(world: World) -> Iterable[tuple[str, ...]]:
    for each in world.crm_opt_outs():
        kind = "converted lead" if each.converted else "record"
        yield each.address, "", "objection", each.at.isoformat(), f"CRM opt-out of {kind} {each.crm_id}"


def _erased(world: World) -> Iterable[tuple[str, ...]]:
    for address, at in world.erased():
        yield address, "", "erasure", at.isoformat(), "deleted for good on request"


def _csv(rows: Iterable[tuple[str, ...]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_COLUMNS)
    writer.writerows(rows)
    return out.getvalue().encode()


def _quoted(text: str) -> str:
    """A basic string of TOML."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
