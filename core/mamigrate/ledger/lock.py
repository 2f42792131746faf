"""One process a project: an operating-system lock held for the process's life. A stopped process still owns it."""

import fcntl
from pathlib import Path
from types import TracebackType
from typing import Self

from mamigrate import private
from mamigrate.errors import ProjectInUse


class ProjectLock:
    """Refuses at once with ProjectInUse when another living process holds it; death releases it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> Self:
        self._file = private.append(self._path)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._file.close()
            raise ProjectInUse("another process is at work on this project", path=self._path) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
