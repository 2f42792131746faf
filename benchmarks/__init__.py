"""Measurements by hand: ``python -m benchmarks [name ...]``. Every figure is a ratio against a peer, or a limit, of the same run."""
