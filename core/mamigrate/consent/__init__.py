"""Who may be written to. Pure: facts in, verdicts (or expressions for the population) out."""
