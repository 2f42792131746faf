"""The benchmarks are importable here."""

import benches  # noqa: F401  # that is all it is for
