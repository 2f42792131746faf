"""A project: the folder with ``mamigrate.toml``, and where everything in it lies."""

import hashlib
import secrets
from functools import cached_property, partial
from pathlib import Path

from pydantic import ValidationError

from mamigrate import private
from mamigrate.errors import UsageError
from mamigrate.handwritten import mistakes, text, toml
from mamigrate.http.origins import is_loopback
from mamigrate.settings.model import ProjectFile
from mamigrate.settings.references import from_environment, from_keyring
from mamigrate.snapshot.cipher import Cipher

NAME = "mamigrate.toml"
SIGNED = "only projects of sandboxes are signed as a whole; leave the line out, and decide each in decisions.yaml"
KEY = 32
"""Bytes of the key of pseudonyms."""


class Project:
    """Paths and settings of one project. Opening makes nothing on disk."""

    def __init__(self, folder: Path, file: ProjectFile) -> None:
        self.folder, self.file = folder, file

    @classmethod
    def open(cls, folder: Path) -> "Project":
        """The project of ``folder``; without a project file, one with settings from the environment only.

        Raises UsageError with the places of everything that is wrong.
        """
        path = folder / NAME
        if not path.exists():
            return cls(folder, ProjectFile())
        content = text.read(path, decides=True)
        tree, wrong = toml.parse(content, str(path))
        if wrong:
            raise mistakes.refusal(wrong)
        place = partial(toml.place, content, name=str(path))
        try:
            file = ProjectFile.model_validate(tree)
        except ValidationError as error:
            raise mistakes.refusal(mistakes.of(error, ProjectFile, place)) from error
        if file.project.signed and not all(is_loopback(one.base_url) for one in file.connections.values()):
            raise UsageError(SIGNED, where=place(("project", "signed")))
        return cls(folder, file)

    @property
    def nowhere(self) -> str:
        """What to do where the folder is no project; empty where it is one."""
        if (self.folder / NAME).exists():
            return ""
        return f"{self.folder} holds no {NAME}: go to the project's folder, name it with --project, or write that file"

    @property
    def private(self) -> Path:
        """``.mamigrate``, made private when it is first asked for."""
        return private.own(self.folder / ".mamigrate")

    @cached_property
    def cipher(self) -> Cipher | None:
        """The key of the project's snapshots; None where none is configured. Raises UsageError for one that cannot be had."""
        section = self.file.snapshots
        if not (section.key_env or section.key_keyring):
            return None
        name = "key_env" if section.key_env else "key_keyring"
        where = f"[snapshots].{name}"
        fetch = from_environment if section.key_env else from_keyring
        return Cipher.of(fetch(section.key_env or section.key_keyring, where), where)

    def pseudonym(self, text: str) -> str:
        """A name for a file about ``text``: always the same in this project, and nobody without its key can tell whose it is."""
        path = self.private / "pseudonyms.key"
        if not path.exists():
            private.write(path, secrets.token_bytes(KEY))
        return hashlib.blake2b(text.encode(errors="backslashreplace"), key=path.read_bytes(), digest_size=8).hexdigest()

    @property
    def snapshots(self) -> Path:
        return private.own(self.private / "snapshots")

    @property
    def archive(self) -> Path:
        """History as it was read, each row once: it outlives the snapshots that it came with."""
        return private.own(self.private / "archive")

    @property
    def told(self) -> Path:
        """Files of facts as runs read them: evidence of what people said."""
        return private.own(self.evidence / "facts")

    @property
    def plans(self) -> Path:
        return private.own(self.private / "plans")

    @property
    def spill(self) -> Path:
        return private.own(self.private / "spill")

    @property
    def crashes(self) -> Path:
        return private.own(self.private / "crashes")

    @property
    def evidence(self) -> Path:
        """Consent records with the key of the names in them, and what else outlives the move: a purge spares it."""
        return private.own(self.private / "evidence")

    def reports(self, run: str) -> Path:
        return private.own(private.own(self.folder / "reports") / run)

    @property
    def mapping_path(self) -> Path:
        return self.folder / "mapping.yaml"

    @property
    def programs_path(self) -> Path:
        return self.folder / "programs.yaml"

    @property
    def decisions_path(self) -> Path:
        return self.folder / "decisions.yaml"

    @property
    def signer(self) -> str | None:
        """Who signs for the whole project: only sandboxes write this."""
        return self.file.project.signed

    def tombstones(self) -> list[Path]:
        """Folders that purges of earlier projects left, and whose denials hold here."""
        return [self.folder / name for name in self.file.facts.tombstones]

    def facts_files(self, more: tuple[Path, ...] = ()) -> list[Path]:
        return [self.folder / name for name in self.file.facts.files] + list(more)
