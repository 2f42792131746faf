"""The memory of runs: ids, intents before each batch, outcomes after, accounts, findings. ``store`` is the only door."""
