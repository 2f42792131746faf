"""The least that limits permit stands beside the benchmarks, which are importable here."""

import benches  # noqa: F401  # that is all it is for
