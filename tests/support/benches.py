"""The benchmarks lie beside the packages, not among them: imported once, this makes them importable without the whole root."""

import importlib.util
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent

if "benchmarks" not in sys.modules:
    folder = ROOT / "benchmarks"
    spec = importlib.util.spec_from_file_location(
        "benchmarks", folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    assert spec is not None and spec.loader is not None
    package = importlib.util.module_from_spec(spec)
    sys.modules["benchmarks"] = package
    spec.loader.exec_module(package)
