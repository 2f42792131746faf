"""Two sandboxes in this process and a project for them: what the command line is tried against."""

import csv
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pyarrow.parquet as pq

import one_thread  # noqa: F401  # for all moves of tests
from forked import Forked
from mamigrate.cli import app
from mamigrate_sandbox import project
from mamigrate_sandbox.estates import truth
from mamigrate_sandbox.estates.catalogue import WORLDS
from mamigrate_sandbox.estates.world import World
from mamigrate_sandbox.running import Sandbox, Wish

BLOCKING = ("unsubscribed", "blackListed", "emailInvalid", "marketingSuspended")
"""What keeps a Marketo lead from marketing mail written down here once more on purpose."""

BAD = "14c"
"""No number, in a field of text whose counterpart holds numbers."""


@dataclass
class Rig:
    """``folder`` is the project. ``speed`` is high, so that limits cost no real time.

    ``world`` is what the source's people really decided; it is there for estates that were invented.
    """

    folder: Path
    people: int = 300
    seed: int = 7
    estate: str = "messy"
    others: str = "lived"
    speed: float = 600.0
    world: World = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if self.estate in WORLDS:
            self.world = WORLDS[self.estate](self.people, self.seed, datetime.now(UTC))
        self.began = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        self.source = Sandbox(self._wish("hubspot", self.estate), self.folder / "hubspot.sqlite")
        self.target = Sandbox(self._wish("marketo", self.others), self.folder / "marketo.sqlite")
        wishes = [(sandbox.wish, sandbox.described()) for sandbox in (self.source, self.target)]
        project.write(self.folder, wishes)

    def _wish(self, vendor: str, estate: str) -> Wish:
        return Wish(vendor, vendor, estate, self.people, self.seed, self.speed)

    def plant(self, name: str, value: str) -> None:
        """Give the first person of the source who has this property another value of it."""
        having = ((key, body) for key, body in self.source.store.all("contacts") if body["properties"].get(name))
        key, body = next(having)
        self.source.store.put("contacts", key, {**body, "properties": {**body["properties"], name: value}})

    def stop(self) -> None:
        self.source.stop()
        self.target.stop()

    # --- running -------------------------------------------------------------------------------------------------

    def start(self, *words: str) -> "subprocess.Popen[bytes]":
        """The command as a user calls it."""
        environment = {**os.environ, "PYTHONWARNINGS": "default", "LANG": "C.UTF-8"}
        line = [sys.executable, "-m", "mamigrate", *words, "--project", str(self.folder)]
        return subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)

    def forked(self, *words: str) -> Forked:
        """The same, without what a new program spends on beginning."""
        return Forked(app.run, [*words, "--project", str(self.folder)])

    def command(self, *words: str) -> "subprocess.CompletedProcess[bytes]":
        return self.forked(*words).done()

    def run(self, *words: str) -> dict[str, Any]:
        """A whole ``run`` that must succeed; its report."""
        done = self.command("run", "--source", "hubspot", "--target", "marketo", "--json", *words)
        assert done.returncode == 0, done.stderr.decode()[-3000:]
        report: dict[str, Any] = orjson.loads(done.stdout)
        return report

    def accept(self, id: str) -> None:
        """Sign one decision."""
        signed = f'{{id: "{id}", choice: accept, who: tester, when: 2026-01-01}}'
        with (self.folder / "decisions.yaml").open("a", encoding="utf-8") as file:
            file.write(f"- {signed}\n")

    def accounts(self, report: dict[str, Any]) -> dict[tuple[str, str], dict[str, str]]:
        """Rows of a report's accounts by kind and key; texts that a spreadsheet could run stand behind an apostrophe."""
        file = self.folder / "reports" / str(report["run"]) / "accounts.csv"
        with file.open(encoding="utf-8-sig", newline="") as text:
            rows = [{name: value.removeprefix("'") for name, value in row.items()} for row in csv.DictReader(text)]
        return {(row["kind"], row["key"]): row for row in rows}

    def kept(self, report: dict[str, Any], kind: str) -> dict[str, dict[str, str]]:
        """Values in the snapshot of the source by key."""
        folder = self.folder / ".mamigrate" / "snapshots" / str(report["inputs"]["source_snapshot"])
        table = pq.read_table(folder / kind / "rows.parquet", columns=["key", "values"])
        return {row["key"]: dict(row["values"]) for row in table.to_pylist()}

    # --- what stands on the target ------------------------------------------------------------------------------------

    def leads(self) -> list[dict[str, Any]]:
        return [body for _, body in self.target.store.all("leads")]

    def leads_of_ours(self) -> list[dict[str, Any]]:
        return [lead for lead in self.leads() if lead.get("mmSourceKey")]

    def roles(self) -> set[tuple[str, int]]:
        """Deals and the leads that take part in them."""
        found = (body for _, body in self.target.store.all("opportunity-roles"))
        return {(str(body["externalOpportunityId"]), int(body["leadId"])) for body in found}

    def writes(self) -> Counter[str]:
        """Calls that write, by endpoint of the target."""
        counters = self.target.store.counters()
        return Counter(
            {name: n for name, n in counters.items() if name.startswith("call/POST") and "identity" not in name}
        )

    def side_effects(self) -> dict[str, int]:
        counters = self.target.store.counters()
        return {name: counters.get(name, 0) for name in ("sends", "enrolments", "crm_pushes")}


def mailable(lead: dict[str, Any]) -> bool:
    """Whether Marketo would send this lead marketing mail."""
    return bool(lead.get("email")) and not any(lead.get(name) for name in BLOCKING) and not lead.get("emailSuspended")


def open_topics(lead: dict[str, Any], world: World) -> set[str]:
    """Topics of the world that a lead may be sent: a field of each says no."""
    if not mailable(lead):
        return set()
    return {topic.key for topic in world.estate.topics if topic.active and not lead.get(f"mmNoTopic{topic.number}")}


def ceilings(world: World) -> dict[str, bool]:
    """By loose address: may anything be sent there at all, as far as anybody knows. A later return in a form counts."""
    found = {loose: bool(verdict.ceiling | verdict.lifted) for loose, verdict in truth.verdicts(world).items()}
    for denial in truth.denials(world):
        found.setdefault(truth.loose(denial.address), False)
    for opt_out in world.crm_opt_outs():
        found[truth.loose(opt_out.address)] = False
    for address, _ in world.erased():
        found[truth.loose(address)] = False
    return found


def topic_ceilings(world: World) -> dict[str, frozenset[str]]:
    """By loose address: the topics that may be sent there, as far as anybody knows."""
    return {loose: one.ceiling | one.lifted for loose, one in truth.verdicts(world).items()}


def open_beyond(
    leads: Iterable[dict[str, Any]], may: Mapping[str, frozenset[str]], world: World
) -> dict[str, set[str]]:
    """Topics by address that are open although the world closes them. Strangers of the source are not judged."""
    found = [(truth.loose(lead["email"]), open_topics(lead, world)) for lead in leads if mailable(lead)]
    return {loose: topics - may[loose] for loose, topics in found if topics - may.get(loose, topics)}


def too_permissive(leads: Iterable[dict[str, Any]], allowed: dict[str, bool]) -> list[str]:
    """Addresses that are mailable although nothing may be sent there. Strangers of the source are not judged."""
    return [lead["email"] for lead in leads if mailable(lead) and not allowed.get(truth.loose(lead["email"]), True)]
