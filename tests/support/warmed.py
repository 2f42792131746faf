"""A process that imports this has made a move already: a small one, from one sandbox into another, and a second that changes nothing."""

import gc
import io
import tempfile
import threading
from contextlib import redirect_stderr, redirect_stdout, suppress
from pathlib import Path

from mamigrate.cli import app
from rig import Rig


def _move() -> None:
    with tempfile.TemporaryDirectory() as folder:
        rig = Rig(Path(folder), people=200)
        for _ in range(2):
            with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()), suppress(SystemExit):
                app.run(["run", "--source", "hubspot", "--target", "marketo", "--json", "--project", folder])
        rig.stop()


_move()
gc.collect()
# A fork copies one thread: nobody else may hold anything.
assert threading.active_count() == 1, threading.enumerate()
gc.freeze()
