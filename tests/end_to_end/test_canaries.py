"""25 secrets and 1,000 people are put into the vendors: none is ever seen in a log, an output, a crash file, a recording.

Private data of the project and reports may hold people, never secrets; only a sandbox's own state holds its credentials.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from canary import PEOPLE, SECRETS, STEMS, Heard, files, forms, people_in, secrets_in
from mamigrate import private
from mamigrate.plan.people import PeoplePlanner
from mamigrate.testing.recording import recorder
from mamigrate_hubspot import recorded as hubspot
from mamigrate_marketo import recorded as marketo
from mamigrate_sandbox.faults import Rule
from mamigrate_sandbox.hubspot import mirrors
from mamigrate_sandbox.running import Sandbox, Wish
from mamigrate_sandbox.store import Store

pytestmark = pytest.mark.gate

GIVEN, FAMILY, LOCAL = STEMS
KNOWN = (hubspot.KNOWN, marketo.KNOWN)
RUN = ("run", "--source", "hubspot", "--target", "marketo")
FAULTS = {
    "hubspot": [
        Rule("reset", method="GET", share=0.2, next=3),
        Rule("throttle", share=0.05),
        Rule("status", share=0.03),
    ],
    "marketo": [
        Rule("lost", r"^/rest/v1/leads\.json$", "POST", next=2),
        Rule("refuse", r"^/rest/", "GET", next=2, code="604", message=f"{GIVEN}0001 timed out"),
        Rule("reset", share=0.03),
    ],
}


@dataclass
class Scene:
    """A project, its vendors, and everything that was said. Every secret stands in the environment, none in a file."""

    folder: Path
    hubspot: Sandbox
    marketo: Sandbox
    heard: Heard = field(default_factory=Heard)
    issued: list[str] = field(default_factory=list)

    def say(self, *words: str) -> int:
        code = self.heard.say(*words, "--project", str(self.folder))
        token = self.marketo.store.setting("token")
        self.issued += [token["value"]] if token else []
        return code


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Doctor for all connections, a move in bad weather, the same again, a bug, status, and a recording."""
    home, project = tmp_path_factory.mktemp("vendors"), tmp_path_factory.mktemp("canaries")
    made = {name: Sandbox(Wish(name, name, "empty", PEOPLE, 7, 600), home / f"{name}.sqlite") for name in FAULTS}
    scene = Scene(project, made["hubspot"], made["marketo"])
    _hide_people(scene.hubspot.store)
    with pytest.MonkeyPatch.context() as patch:
        _hide_secrets(scene, patch)
        _everything(scene, patch)
        yield scene
    for sandbox in made.values():
        sandbox.stop()


def _everything(scene: Scene, patch: pytest.MonkeyPatch) -> None:
    with recorder(scene.folder / "cassettes", record=True, known=KNOWN).use_cassette("doctor.yaml"):
        scene.say("doctor")
    for sandbox in (scene.hubspot, scene.marketo):
        sandbox.faults.set(FAULTS[sandbox.wish.name], 7)
    while scene.say(*RUN, "--debug") == 5:
        assert len(scene.heard.codes) < 10
    for sandbox in (scene.hubspot, scene.marketo):
        sandbox.faults.set((), 7)
    scene.say(*RUN, "--who", f"{LOCAL}0007@canary.example")
    with patch.context() as broken:
        broken.setattr(PeoplePlanner, "plan", _bug)
        scene.say("plan", *RUN[1:], "--debug")
        scene.say("plan", *RUN[1:])
    _slips(scene)
    scene.say("status", "--who", f"{LOCAL}0007@canary.example")
    scene.say("rollback", *RUN[1:])


def _slips(scene: Scene) -> None:
    """People where names of columns, keys and words should stand, in each of the files that people write."""
    person = f"{LOCAL}0001@canary.example"
    for number, first in enumerate(
        (f"{person},objection", f"address,what,{GIVEN.title()} {FAMILY.title()}", f"id,{person}")
    ):
        path = scene.folder / f"slip-{number}.csv"
        private.write(path, f"{first}\n{person},objection,x\n".encode())
        scene.say("plan", *RUN[1:], "--facts", str(path))
    signed = f"choice: {GIVEN} {FAMILY}, who: me, when: 2026-01-01"
    _slip(scene, "decisions.yaml", f"- {{id: old-source, {signed}}}\n- {{'{person}': 1, '{person}': 2}}\n")
    _slip(scene, "decisions.yaml", f"- {{id: old-source, {signed}, {person}: 1}}\n")
    _slip(scene, "mapping.yaml", f"source: hubspot\n{person}: x\ntarget: !{GIVEN} x\n")
    _slip(scene, "mapping.yaml", f"source: hubspot\ntarget: marketo\nperson: {GIVEN} {FAMILY}\n{person}: [1]\n")


def _slip(scene: Scene, name: str, text: str) -> None:
    """One command with this instead of a file, which comes back afterwards."""
    path = scene.folder / name
    before = path.read_bytes() if path.exists() else None
    private.write(path, text.encode())
    scene.say("plan", *RUN[1:])
    path.unlink() if before is None else private.write(path, before)


def _bug(planner: PeoplePlanner, row: dict[str, object]) -> None:
    raise ZeroDivisionError(f"{row} {SECRETS}")


def _hide_people(store: Store) -> None:
    """Some opted out, some with values that are refused, one in a hundred with an address that nobody can hold."""
    for number in range(PEOPLE):
        address = f"{LOCAL}{number:04d}@canary.example" if number % 100 else f"{LOCAL}{number:04d} at canary"
        values = {
            "email": address,
            "firstname": f"{GIVEN.title()}{number:04d}",
            "lastname": f"{FAMILY.title()}{number:04d}",
            "city": f"{GIVEN}-{number}" * (1 if number % 50 else 60),
            "date_of_birth": "1990-01-01" if number % 20 else f"{GIVEN}-day",
            "annualrevenue": "12" if number % 30 else f"{GIVEN} million",
            "hs_email_optout": "true" if number % 7 == 0 else "false",
            "hs_marketable_status": "true",
            "createdate": "2025-02-03T04:05:06Z",
            "lastmodifieddate": "2025-02-03T04:05:06Z",
        }
        id, at = str(1000 + number), values["createdate"]
        body = {"id": id, "properties": values, "createdAt": at, "updatedAt": at, "archived": False}
        store.put("contacts", id, body, {"email": address.lower()})
    mirrors.refresh_all(store)


def _hide_secrets(scene: Scene, patch: pytest.MonkeyPatch) -> None:
    """A connection for each secret; most are wrong ones, so that refusals are told."""
    urls = {sandbox.wish.name: sandbox.described() for sandbox in (scene.hubspot, scene.marketo)}
    scene.hubspot.store.set("access_token", SECRETS[0])
    scene.marketo.store.set("client_secret", SECRETS[1])
    scene.hubspot.store.put("oauth-tokens", SECRETS[2], {"expiresAt": "2020-01-01T00:00:00Z"})
    sections = ['[project]\ntime_zone = "UTC"\nsigned = "sandbox"\n[crm_link]\nsync = "paused"\nsigned = "sandbox"']
    for number, secret in enumerate(SECRETS):
        vendor = ("hubspot", "marketo")[number % 2]
        name = vendor if number < 2 else f"{vendor}-{number}"
        option = {"hubspot": "access_token", "marketo": "client_secret"}[vendor]
        patch.setenv(f"CANARY_{number}", secret)
        lines = [f"[connections.{name}]", f'adapter = "{vendor}"', f'base_url = "{urls[vendor]["base_url"]}"']
        lines += ["speed = 600", f'{option}_env = "CANARY_{number}"']
        more = {"hubspot": 'explicit_consent = "false"', "marketo": f'client_id = "{urls["marketo"]["client_id"]}"'}
        lines.append(more[vendor])
        sections.append("\n".join(lines))
    (scene.folder / "mamigrate.toml").write_text("\n".join(sections) + "\n")


def test_the_commands_did_what_they_were_called_for(scene: Scene) -> None:
    """Otherwise the silence would prove nothing."""
    leads = sum(lead.get("email", "").startswith(LOCAL) for _, lead in scene.marketo.store.all("leads"))
    hits = {**scene.hubspot.faults.hits, **scene.marketo.faults.hits}
    crashes = list((scene.folder / ".mamigrate" / "crashes").iterdir())
    assert leads > 0.9 * PEOPLE
    assert {"lost", "refuse", "reset", "throttle", "status"} <= set(hits)
    assert scene.heard.codes[0] == 4
    assert scene.heard.codes[-12:-2] == [0, 1, 1, 2, 2, 2, 2, 2, 3, 3]
    assert scene.heard.codes[-2:] == [0, 0]
    assert len(crashes) == 2
    assert "refused us" in scene.heard.out.getvalue()
    assert len(scene.heard.logs.getvalue()) > 10_000
    assert len({form for secret in SECRETS for form in forms(secret)}) > 150


def test_no_secret_is_said_or_logged(scene: Scene) -> None:
    secrets = [*SECRETS, *scene.issued]
    assert [line for line in scene.heard.text.splitlines() if secrets_in(line, secrets)] == []


def test_no_secret_is_in_any_file_of_the_project(scene: Scene) -> None:
    found = {
        str(path.relative_to(scene.folder)): secrets_in(text, [*SECRETS, *scene.issued])
        for path, text in files(scene.folder)
    }
    assert len(found) > 20
    assert {path: secrets for path, secrets in found.items() if secrets} == {}


def test_no_person_is_said_or_logged(scene: Scene) -> None:
    lines = [line for line in scene.heard.text.splitlines() if people_in(line)]
    assert lines == []


def test_no_person_is_in_a_crash_file_or_a_recording(scene: Scene) -> None:
    found = {
        path: text for folder in (".mamigrate/crashes", "cassettes") for path, text in files(scene.folder / folder)
    }
    assert len(found) == 3
    assert [str(path) for path, text in found.items() if people_in(text)] == []
    assert all(re.search(r"error: ZeroDivisionError", text) for path, text in found.items() if path.suffix == ".txt")


def test_no_canary_is_in_the_recordings_of_this_project() -> None:
    folder = Path(__file__).parent.parent
    found = [(path, text) for path, text in files(folder) if path.parent.name == "cassettes"]
    assert found
    assert [str(path) for path, text in found if people_in(text) or secrets_in(text)] == []


def test_only_a_page_about_somebody_shows_that_person(scene: Scene) -> None:
    pages = list((scene.folder / "reports").rglob("who-*"))
    assert sorted({path.suffix for path in pages}) == [".html", ".json"]
    assert [str(path) for path in pages if people_in(path.name)] == []
    told = [path.read_text(encoding="utf-8") for path in pages]
    assert all(f"{LOCAL}0007@canary.example" in text for text in told)
    assert [text for text in told if f"{LOCAL}0008" in text] == []


def test_the_report_masks_people_by_default(scene: Scene) -> None:
    pages = [(path, text) for path, text in files(scene.folder / "reports") if path.name in ("run.html", "run.json")]
    assert pages
    assert [str(path) for path, text in pages if people_in(text)] == []


def test_what_is_kept_of_people_is_private(scene: Scene) -> None:
    open_to_others = [path for path, text in files(scene.folder) if people_in(text) and path.stat().st_mode & 0o077]
    assert open_to_others == []


def test_the_search_would_find_what_leaks() -> None:
    for secret in SECRETS:
        assert all(secrets_in(f"...{form}...", [secret]) for form in forms(secret))
    assert [people_in(text) for text in (f"x{GIVEN}0001y", LOCAL.upper(), FAMILY[::-1], "nobody")] == [
        [GIVEN],
        [LOCAL],
        [FAMILY],
        [],
    ]
