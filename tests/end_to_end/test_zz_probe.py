import pytest, time
from test_worlds import *
from mamigrate_sandbox.faults import Rule
def one(kind, share, path=""):
    def begin(w):
        w.source.faults.set([Rule(kind, path or r"^/communication-preferences/v\d/.*/batch/", share=share)], 1)
    return begin
@pytest.mark.parametrize("kind", ["missing","twice"])
def test_probe(live, undisturbed, capsys, kind):
    expected, least = undisturbed(capsys)
    lived = live(1, kind, begin=one(kind, 1.0))
    d=differences(lived.stands, expected)
    with open('/tmp/probe.txt','a') as f:
        print(kind, lived.said, lived.calls, lived.world.source.faults.hits, len(d), list(d.items())[:3], file=f)
        rows=[(t,i,b) for t in ("optouts","statuses") for i,b in lived.world_rows] if hasattr(lived,'world_rows') else []
