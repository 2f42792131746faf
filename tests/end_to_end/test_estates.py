"""A rehearsal of each estate that has people runs to its end: it signs what its own CRM link asks."""

from pathlib import Path

import pytest

from rig import Rig


@pytest.mark.parametrize("estate", ["clean", "lived"])
def test_an_estate_whose_crm_knows_no_opt_outs_is_moved(tmp_path: Path, estate: str) -> None:
    rig = Rig(tmp_path, people=60, estate=estate, others="empty")
    try:
        report = rig.run()
        people = rig.source.store.count("contacts")
    finally:
        rig.stop()
    assert report["consent"] == "PASS"
    assert report["accounts"]["person"]["read"] == people > 0
    assert [one["id"] for one in report["decisions"] if one["id"].startswith("crm")] == ["crm-opt-outs/none"]
