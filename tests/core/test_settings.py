"""The project file and the environment at the edge."""

from pathlib import Path

import pytest

from mamigrate.capabilities import Capabilities
from mamigrate.contract import Connection, Secret, Setting
from mamigrate.errors import UsageError
from mamigrate.settings import connections, decisions
from mamigrate.settings.model import ConnectionSection
from mamigrate.settings.project import Project


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
    "text", ["[project", "[project]\ncolour = 'red'\n", "[crm_link]\nsync = 'sometimes'\nsigned = 'x'\n"]
)
def test_a_wrong_project_file_is_refused_with_its_place(tmp_path: Path, text: str) -> None:
    (tmp_path / "mamigrate.toml").write_text(text)
    with pytest.raises(UsageError) as caught:
        Project.open(tmp_path)
    assert "mamigrate.toml" in caught.value.where


def test_decisions_are_kept_once_and_found_by_id(tmp_path: Path) -> None:
    path = tmp_path / "decisions.yaml"
    made = decisions.Decision.model_validate({"id": "a/b", "choice": 'say "yes"', "who": "me", "when": "2026-01-01"})
    decisions.add(path, [made])
    decisions.add(path, [made.model_copy(update={"choice": "no"})])
    found = decisions.load(path)
    assert (found.choice("a/b"), found.choice("other"), len(list(found))) == ('say "yes"', None, 1)


def test_decisions_that_do_not_parse_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "decisions.yaml"
    path.write_text("- id: x\n")
    with pytest.raises(UsageError):
        decisions.load(path)
