"""A plugin of pytest that writes down which files the modules of its process came from."""

import os
import sys
from pathlib import Path

WHERE = "MAMIGRATE_MUTANTS_WITNESS"
"""The variable that names the file to write."""


def pytest_unconfigure() -> None:
    found = {str(getattr(module, "__file__", None) or "") for module in list(sys.modules.values())}
    Path(os.environ[WHERE]).write_text("\n".join(sorted(found)), encoding="utf-8")
