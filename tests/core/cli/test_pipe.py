"""Somebody reads the beginning of what a command says, and leaves."""

import os
import subprocess
import sys

import pytest


@pytest.mark.parametrize("say", ["print('a line')", "sys.stdout.buffer.write(b'a line\\n')"])
def test_a_reader_who_leaves_ends_no_command(say: str) -> None:
    script = (
        "import sys\n"
        "from mamigrate.cli.pipe import patient\n"
        "with patient():\n"
        "    for _ in range(100000):\n"
        f"        {say}\n"
        "sys.exit(3)\n"
    )
    read, write = os.pipe()
    command = subprocess.Popen([sys.executable, "-c", script], stdout=write, stderr=subprocess.PIPE)
    os.close(write)
    os.read(read, 10)
    os.close(read)
    _, said = command.communicate(timeout=60)
    assert (command.returncode, said) == (3, b"")
