"""The project file and the environment at the edge."""

import re
import stat
from pathlib import Path

import pytest

from mamigrate.capabilities import Capabilities
from mamigrate.contract import Connection, Secret, Setting
from mamigrate.errors import UsageError
from mamigrate.registry import Registry
from mamigrate.settings import connections, decisions
from mamigrate.settings.model import ConnectionSection
from mamigrate.settings.project import Project

SIGNED = "who: me, when: 2026-01-01"


class Vendor:
    """Only what settings ask of an adapter."""

    name, title = "acme", "Acme"
    settings = (
        Setting("token", "the token", secret=True),
        Setting("share", "part of the quota", required=False, default="0.9"),
    )
    capabilities, blockers, key_fields = Capabilities(()), (), {}  # type: ignore[var-annotated]  # empty on purpose

    def connect(self, connection: Connection, clock: object) -> object:
        raise AssertionError("no test connects")


def connection(**own: object) -> Connection:
    section = ConnectionSection.model_validate({"adapter": "acme", **own})
    return connections.connection(section, "main", Vendor())  # type: ignore[arg-type]  # a vendor without an instance


def test_a_secret_comes_from_the_environment_and_never_shows_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACME_TOKEN", "s3cret")
    made = connection(token_env="ACME_TOKEN")
    assert made.secrets["token"].reveal() == "s3cret"
    assert "s3cret" not in repr(made)
    assert (str(Secret("x")), made.options) == ("***", {"share": "0.9"})


def test_a_refused_secret_says_to_look_at_nothing_that_only_people_declare() -> None:
    registry = Registry()
    told = {
        name: connections.credentials(ConnectionSection(adapter=name), "old", registry.adapter(name))
        for name in ("hubspot", "marketo")
    }
    assert told["hubspot"].endswith("not revoked, and that base_url belongs to it")
    assert told["marketo"].endswith("and base_url belong to it")


@pytest.mark.parametrize("pasted", ["s3cret\n", "s3\ncret", " s3cret", "ｓ３ｃｒｅｔ", "s3cret\u200b"])
def test_a_secret_that_no_header_can_hold_is_told_with_its_variable(
    monkeypatch: pytest.MonkeyPatch, pasted: str
) -> None:
    monkeypatch.setenv("ACME_TOKEN", pasted)
    with pytest.raises(UsageError, match="ACME_TOKEN holds a line break") as found:
        connection(token_env="ACME_TOKEN")
    assert found.value.where == "connections.main.token_env"
    assert pasted.strip() not in str(found.value)


def test_an_inline_secret_is_for_loopback_only() -> None:
    assert connection(base_url="http://127.0.0.1:1", token="x").secrets["token"].reveal() == "x"
    with pytest.raises(UsageError, match="token_env"):
        connection(base_url="https://api.acme.example", token="x")


def test_speed_is_for_loopback_only() -> None:
    with pytest.raises(UsageError):
        connection(base_url="https://api.acme.example", speed=60, token_env="X")


def test_what_is_missing_or_unknown_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="token is missing"):
        connection()
    monkeypatch.setenv("T", "x")
    with pytest.raises(UsageError, match="colour"):
        connection(token_env="T", colour="red")
    with pytest.raises(UsageError, match="NOT_THERE"):
        connection(token_env="NOT_THERE")


def test_a_short_name_reads_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MAMIGRATE_ACME_TOKEN", "s3cret")
    monkeypatch.setenv("MAMIGRATE_ACME_TIME_ZONE", "Asia/Tokyo")
    section = connections.resolve(Project.open(tmp_path), "acme", {"acme": "Acme"})
    made = connections.connection(section, "acme", Vendor())  # type: ignore[arg-type]  # a vendor without an instance
    assert (made.secrets["token"].reveal(), made.time_zone) == ("s3cret", "Asia/Tokyo")


def test_an_unknown_name_lists_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="acme"):
        connections.resolve(Project.open(tmp_path), "nobody", {"acme": "Acme"})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[project", ["mamigrate.toml: not TOML: Expected ']'"]),
        ("[transfers.project]\nuntil = 2027-13-31 # soon\n", ["mamigrate.toml:2:", ": 2027-13-31 is no date"]),
        ("[transfers.project]\nuntil = 2027-02-30", ["mamigrate.toml:2:", ": 2027-02-30 is no date"]),
        ("[transfers.project]\nuntil = 2027-2-3", ["mamigrate.toml:2:", ": 2027-2-3 is no date"]),
        ("[project]\nname = x\n", ["mamigrate.toml:2:8: not TOML: Invalid value"]),
        ("[project]\nname = 'a'\nname = 'b'\n", ["not TOML: Cannot overwrite a value"]),
        ("[project]\ncolour = 'red'\n", ['mamigrate.toml:2 [project]: there is no key "colour" here; known: block']),
        ("[crm_link]\nsync = 'sometimes'\n", [".toml:2 [crm_link]: \"sync\" must be 'paused' or 'on'", '"signed" is missing']),
        ("[conections.old]\nadapter = 'x'\n", ['mamigrate.toml:1: there is no key "conections" here; did you mean "connections"?']),
        ("[connections.old]\nspeed = 'fast'\n", ['"adapter" is missing', '.toml:2 [connections.old]: "speed" must be a number']),
        ("[connections.old]\nadapter = 'x'\nspeed = 0\n", ['.toml:3 [connections.old]: "speed" is wrong']),
        ("[connections.old]\nadapter = 5\n", ['.toml:2 [connections.old]: "adapter" must be text: write it in quotes']),
        ("[connections.old]\nadapter = 'x'\ncontracted_people = '20.000'\n", ['"20.000" is no whole number: write digits only']),
        ("[connections]\nold = 'hubspot'\n", ['.toml:2 [connections]: "old" must be a table of keys']),
        ("ledger = 'foo'\n", ['mamigrate.toml:1: "ledger" must be a table of keys']),
        ("[facts]\nfiles = 'a.csv'\n", ['.toml:2 [facts]: "files" must be a list']),
        ("[facts]\nfile = ['a.csv']\n", ['.toml:2 [facts]: there is no key "file" here; did you mean "files"?']),
        ("[project]\ntime_zone = 'Asia/Tokio'\n", ['there is no time zone "Asia/Tokio"; did you mean "Asia/Tokyo"?']),
        ("[project]\nlang = 'de'\n", ['there are no texts in the language "de"; known: en, ja, ko']),
        ("[transfers]\nsigned = 'me'\n", ['.toml:1 [transfers]: the key "controller" is missing']),
        ("[transfers]\ncontroller = 'a'\n[transfers.holders.old]\ncountry = 'Japan'\n", ['"Japan" is no country: write the two capital letters of ISO 3166']),
        ("[transfers]\ncontroller = 'a'\n[transfers.project]\nuntil = '31.12.2030'\n", ['"31.12.2030" is no day: write YYYY-MM-DD, or words']),
        ("[transfers]\ncontroller = 'a'\n[transfers.evidence]\nbasic = 'x'\n", ['there is no key "basic" here; did you mean "basis"?']),
        ("[transfers]\ncontroller = 'a'\n[[transfers.recipients]]\nname = 'x'\n", ['the key "country" is missing', 'the key "until" is missing']),
        ("a = " + "[" * 5000, ["nested too deeply"]),
    ],
)  # fmt: skip
def test_a_wrong_project_file_is_refused_with_every_place(tmp_path: Path, text: str, said: list[str]) -> None:
    (tmp_path / "mamigrate.toml").write_text(text)
    with pytest.raises(UsageError) as caught:
        Project.open(tmp_path)
    told = f"{caught.value.where}: {caught.value.problem}"
    assert [one for one in said if one not in told] == []


@pytest.mark.parametrize(
    ("written", "until"),
    [("2030-12-31", "2030-12-31"), ("'2030-12-31'", "2030-12-31"), ("'withdrawal'", "withdrawal"), ("2030-12-31T10:00:00", "2030-12-31")],
)  # fmt: skip
def test_until_is_a_day_or_words(tmp_path: Path, written: str, until: str) -> None:
    (tmp_path / "mamigrate.toml").write_text(
        f"[transfers]\ncontroller = 'a'\n[transfers.evidence]\nuntil = {written}\n"
    )
    section = Project.open(tmp_path).file.transfers
    assert section is not None
    assert section.evidence.until == until


def test_every_mistake_of_a_project_file_is_told_at_once(tmp_path: Path) -> None:
    text = "[project]\nlang = 'de'\ncolour = 'red'\n\n[connections.old]\nadapter = 'x'\nspeed = 'fast'\n"
    (tmp_path / "mamigrate.toml").write_text(text)
    with pytest.raises(UsageError) as caught:
        Project.open(tmp_path)
    lines = f"{caught.value.where}: {caught.value.problem}".splitlines()
    assert [line.partition(".toml")[2].split(":")[1].split(" ")[0] for line in lines] == ["2", "3", "7"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[project]\n".encode("utf-16"), "written in UTF-16: save the file as UTF-8"),
        ("[project]\nname = '部署'\n".encode("shift-jis"), "byte 0x95 is not UTF-8: save the file as UTF-8"),
    ],
)
def test_a_project_file_in_another_encoding_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "mamigrate.toml").write_bytes(content)
    with pytest.raises(UsageError, match=said):
        Project.open(tmp_path)


def test_a_project_file_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    (tmp_path / "mamigrate.toml").write_bytes("[project]\r\nname = '部署'\r\n".encode("utf-8-sig"))
    assert Project.open(tmp_path).file.project.name == "部署"


def test_everything_wrong_with_a_connection_is_told_at_once() -> None:
    with pytest.raises(UsageError) as caught:
        connection(base_url="https://api.acme.example", speed=60, tokn_env="X")
    told = caught.value.problem
    assert "speed is for local sandboxes only" in told
    assert "acme has no option 'tokn_env'; did you mean \"token\"? it has: share, token" in told
    assert "token is missing" in told


def test_a_wrong_value_in_the_environment_is_told_with_its_variable(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MAMIGRATE_ACME_SPEED", "fast")
    with pytest.raises(UsageError) as caught:
        connections.resolve(Project.open(tmp_path), "acme", {"acme": "Acme"})
    assert (caught.value.where, caught.value.problem) == ("MAMIGRATE_ACME_SPEED", '"speed" must be a number')


def test_decisions_are_kept_once_and_found_by_id(tmp_path: Path) -> None:
    path = tmp_path / "decisions.yaml"
    made = decisions.Decision.model_validate({"id": "a/b", "choice": 'say "yes"', "who": "me", "when": "2026-01-01"})
    decisions.add(path, [made])
    decisions.add(path, [made.model_copy(update={"choice": "no"})])
    found = decisions.load(path)
    assert (found.choice("a/b"), found.choice("other"), len(list(found))) == ('say "yes"', None, 1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- id: x\n", ['1:3: the key "choice" is missing', '1:3: the key "who" is missing']),
        ("id: x\n", ["1:1: the file must be a list"]),
        ("- id: a/b\n  choise: accept\n  who: me\n  when: 2026-01-01\n", ['did you mean "choice"?']),
        ("- id: a\n  id: b\n", ["2:3: a key stands here twice"]),
        (f"- {{id: unread-denials, choice: acept, {SIGNED}}}\n", ['1:24: there is no choice "acept"', '"accept"?']),
        (f"- {{id: live/3, choice: 'yes', {SIGNED}}}\n", ["1:16: there is no choice", "known: accept, refuse"]),
        (f"- {{id: live/3, choice: true, {SIGNED}}}\n", ['1:16: "choice" must be text: write it in quotes']),
        (
            "- {id: a, choice: b, who: '', when: 2026-02-30}\n",
            ['1:22: "who" is empty', "1:31: no calendar has this day: 2026-02-30"],
        ),
        ("- {id: a, choice: b, who: '', when: soon}\n", ['1:22: "who" is empty', '"when" must be a day']),
        (f"- {{id: a, choice: b, {SIGNED}}}\n- {{id: a, choice: c, {SIGNED}}}\n", ['"a" is decided 2 times']),
        ("- id: x\n\tchoice: y\n", ["2:1: a tab stands here"]),
        (f"- {{id: live/3, choice: Yamada Hanako, {SIGNED}}}\n", ["1:16: there is no choice like this; known"]),
        (f"- {{id: live/3, choice: accept, hanako@x.com: y, {SIGNED}}}\n", ["there is no key here; known"]),
        ("- {hanako@x.com: y, hanako@x.com: z}\n", [":21: a key stands here twice"]),
    ],
)
def test_decisions_that_do_not_parse_are_refused_with_their_places(tmp_path: Path, text: str, said: list[str]) -> None:
    path = tmp_path / "decisions.yaml"
    path.write_text(text)
    with pytest.raises(UsageError) as caught:
        decisions.load(path)
    told = f"{caught.value.where}: {caught.value.problem}"
    assert told.startswith(f"{path}:")
    assert [one for one in said if one not in told] == []


def test_a_decision_that_no_question_asks_for_is_known_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "decisions.yaml"
    path.write_text(f"- {{id: live/7, choice: accept, {SIGNED}}}\n- {{id: unread-denial, choice: accept, {SIGNED}}}\n")
    (one,) = decisions.load(path).unasked
    assert one == (f"{path}:2:4", "unread-denial", "unread-denials")


@pytest.mark.parametrize(
    ("id", "near"),
    [
        ("consent-colum/dm_fuyo", "consent-column/dm_fuyo"),
        ("crm-idd/old/5", "crm-id/old/5"),
        ("irreversible/create-field", "irreversible/create-fields"),
        ("crm-opt-outs/non", "crm-opt-outs/none"),
        ("old-sorce", "old-source"),
        ("zzz/dm_fuyo", ""),
    ],
)
def test_the_id_that_was_meant_is_told_whole(tmp_path: Path, id: str, near: str) -> None:
    path = tmp_path / "decisions.yaml"
    path.write_text(f"- {{id: {id}, choice: accept, {SIGNED}}}\n")
    assert [one.nearest for one in decisions.load(path).unasked] == [near]


def test_a_decision_is_added_after_a_last_line_without_an_end(tmp_path: Path) -> None:
    path = tmp_path / "decisions.yaml"
    path.write_text(f"- {{id: a, choice: b, {SIGNED}}}")
    made = decisions.Decision.model_validate({"id": "c", "choice": "d", "who": "me", "when": "2026-01-01"})
    decisions.add(path, [made])
    assert [one.id for one in decisions.load(path)] == ["a", "c"]


@pytest.mark.parametrize("base_url", ["", "https://api.acme.example", "https://127.0.0.1.acme.example"])
def test_a_signed_project_takes_no_platform_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, base_url: str
) -> None:
    (tmp_path / "mamigrate.toml").write_text("[project]\nsigned = 'sandbox'\n")
    monkeypatch.setenv("MAMIGRATE_ACME_TOKEN", "t")
    monkeypatch.setenv("MAMIGRATE_ACME_BASE_URL", base_url)
    project = Project.open(tmp_path)
    with pytest.raises(UsageError, match="signed as a whole.*acme is no sandbox") as told:
        connections.resolve(project, "acme", {"acme": "Acme"})
    assert told.value.where.endswith("mamigrate.toml [project] signed")
    (tmp_path / "mamigrate.toml").write_text("[project]\n")
    assert connections.resolve(Project.open(tmp_path), "acme", {"acme": "Acme"}).base_url == base_url


def test_a_signed_project_takes_a_sandbox_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mamigrate.toml").write_text("[project]\nsigned = 'sandbox'\n")
    monkeypatch.setenv("MAMIGRATE_ACME_BASE_URL", "http://localhost:8080")
    assert connections.resolve(Project.open(tmp_path), "acme", {"acme": "Acme"}).adapter == "acme"


@pytest.mark.parametrize("base_url", ["https://api.acme.example", ""])
def test_only_a_project_of_sandboxes_is_signed_as_a_whole(tmp_path: Path, base_url: str) -> None:
    (tmp_path / "mamigrate.toml").write_text(
        f"[project]\nsigned = 'sandbox'\n[connections.a]\nadapter = 'acme'\nbase_url = '{base_url}'\n"
    )
    with pytest.raises(UsageError, match="only projects of sandboxes") as refused:
        Project.open(tmp_path)
    assert str(refused.value.where).endswith("mamigrate.toml:2 [project]")


def test_a_pseudonym_is_the_same_in_a_project_and_another_elsewhere(tmp_path: Path) -> None:
    one, other = (Project.open(tmp_path / name) for name in ("one", "other"))
    names = [project.pseudonym(text) for project in (one, other) for text in ("ana@x.example", "ben@x.example")]
    assert len(set(names)) == 4
    assert Project.open(tmp_path / "one").pseudonym("ana@x.example") == names[0]
    assert all(re.fullmatch("[0-9a-f]{16}", name) for name in names)
    key = tmp_path / "one" / ".mamigrate" / "pseudonyms.key"
    assert (len(key.read_bytes()), stat.S_IMODE(key.stat().st_mode)) == (32, 0o600)
