"""Files that only their owner can read, whatever stands in their place and whatever the umask is."""

import grp
import os
import pwd
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mamigrate import private
from mamigrate.errors import LocalTrouble, UsageError
from mamigrate.handwritten import text, writers

Open = Callable[[Path], None]
SECRET = b"somebody else's"


def _created(path: Path) -> None:
    private.create(path).close()


def _appended(path: Path) -> None:
    private.append(path).close()


def _written(path: Path) -> None:
    private.write(path, b"ours")


WAYS = pytest.mark.parametrize("way", [_created, _appended, _written])


@pytest.fixture(params=[0o000, 0o022, 0o077])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


@WAYS
def test_a_file_and_its_folders_are_private_whatever_the_umask(tmp_path: Path, umask: int, way: Open) -> None:
    path = tmp_path / "a" / "b" / "file"
    way(path)
    modes = {stat.S_IMODE(one.stat().st_mode) for one in (path, path.parent, path.parent.parent)}
    assert modes == {0o600, 0o700}


@WAYS
def test_a_file_that_others_could_read_is_theirs_no_more(tmp_path: Path, way: Open) -> None:
    path = tmp_path / "file"
    path.touch(mode=0o666)
    path.chmod(0o666)
    way(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("there", [True, False])
@WAYS
def test_no_link_is_followed(tmp_path: Path, way: Open, there: bool) -> None:
    victim, path = tmp_path / "victim", tmp_path / "file"
    if there:
        victim.write_bytes(SECRET)
    path.symlink_to(victim)
    if way is _written:
        way(path)  # The name changes hands; what it named stays as it is.
        assert not path.is_symlink()
    else:
        with pytest.raises(LocalTrouble):
            way(path)
    assert victim.exists() is there
    assert not there or victim.read_bytes() == SECRET


@WAYS
def test_nothing_is_written_into_a_second_name_of_another_file(tmp_path: Path, way: Open) -> None:
    victim, path = tmp_path / "victim", tmp_path / "file"
    victim.write_bytes(SECRET)
    victim.chmod(0o644)
    os.link(victim, path)
    if way is _written:
        way(path)
        assert path.read_bytes() == b"ours"
    else:
        with pytest.raises(LocalTrouble):
            way(path)
    assert victim.read_bytes() == SECRET
    assert stat.S_IMODE(victim.stat().st_mode) == 0o644


@WAYS
def test_a_pipe_is_not_waited_for(tmp_path: Path, way: Open) -> None:
    path = tmp_path / "file"
    os.mkfifo(path)
    if way is _written:
        way(path)
        assert path.read_bytes() == b"ours"
    else:
        with pytest.raises(LocalTrouble):
            way(path)


@pytest.mark.parametrize("kind", ["symlink", "link"])
def test_the_draft_of_a_file_is_not_planted(tmp_path: Path, kind: str) -> None:
    victim, draft = tmp_path / "victim", tmp_path / f".file.{os.getpid()}.new"
    victim.write_bytes(SECRET)
    draft.symlink_to(victim) if kind == "symlink" else os.link(victim, draft)
    private.write(tmp_path / "file", b"ours")
    assert (victim.read_bytes(), (tmp_path / "file").read_bytes()) == (SECRET, b"ours")


def test_a_folder_of_the_project_is_no_link(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "own").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(LocalTrouble):
        private.own(tmp_path / "own")
    assert list((tmp_path / "elsewhere").iterdir()) == []


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o660, 0o666, 0o664, 0o777])
def test_a_file_that_decides_is_written_by_its_owner_alone(
    tmp_path: Path, mode: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "decisions.yaml"
    path.write_text("[]")
    path.chmod(mode)
    monkeypatch.setattr(grp, "getgrgid", lambda gid: grp.struct_group(("staff", "x", gid, ["ana", "ben"])))
    with pytest.raises(UsageError, match="chmod go-w"):
        text.read(path, decides=True)
    assert text.read(path) == "[]"


@pytest.mark.parametrize(("members", "primary", "alone"), [([], [], True), (["ben"], [], False), ([], ["ben"], False)])
def test_a_group_that_holds_the_owner_alone_is_nobody_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, members: list[str], primary: list[str], alone: bool
) -> None:
    path = tmp_path / "decisions.yaml"
    path.touch()
    path.chmod(0o664)
    found = path.stat()
    me = pwd.struct_passwd(("ana", "x", found.st_uid, found.st_gid, "", "/", "/bin/sh"))
    rest = [pwd.struct_passwd((name, "x", 77, found.st_gid, "", "/", "/bin/sh")) for name in primary]
    monkeypatch.setattr(grp, "getgrgid", lambda gid: grp.struct_group(("ana", "x", gid, members)))
    monkeypatch.setattr(pwd, "getpwuid", lambda _: me)
    monkeypatch.setattr(pwd, "getpwall", lambda: [me, *rest])
    assert writers.others(found) is not alone
    path.chmod(0o666)
    assert writers.others(path.stat())


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644, 0o400])
def test_others_may_read_what_decides(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "decisions.yaml"
    path.write_text("[]")
    path.chmod(mode)
    assert text.read(path, decides=True) == "[]"
