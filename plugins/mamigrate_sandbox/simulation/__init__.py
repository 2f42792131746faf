"""Both vendors and the program in one process, on a clock that jumps: a seed decides all that happens."""
