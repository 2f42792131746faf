"""What a run tells while it works; between two vendors in memory."""

from pair import Pair, everything


def test_every_stage_ends_with_a_line_that_is_whole(pair: Pair) -> None:
    everything(pair)
    err = pair.say("run", "--source", "old", "--target", "new").err
    stages = [line for line in err.splitlines() if not line.startswith("note: ")]  # a finding says more than a number
    last = {line.partition(": ")[0]: line.partition(": ")[2].split(", ")[0] for line in stages}
    assert last["write people, denied ones first"] == "2 of 2"
    assert {"read old person", "plan", "write fields", "write list members", "verify"} <= last.keys()
    assert {what: line for what, line in last.items() if len(set(line.split(" of "))) != 1 or " of " not in line} == {}
