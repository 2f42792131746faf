"""What stays of a report when its people are destroyed."""

import copy
from typing import Any

from mamigrate.reports import redact
from mamigrate.reports.mask import ADDRESS, DOTS

Facts = dict[str, Any]


def test_numbers_stay_and_rows_of_people_go(loaded: Facts) -> None:
    loaded["reasons"].append(
        {
            "kind": "person",
            "bucket": "parked",
            "reason": "x",
            "objects": 3,
            "rows": [{"key": "5", "detail": "a•••@x.example"}],
        }
    )
    loaded["command"] = "mamigrate run --who ana@x.example"
    left = redact.redacted(loaded)
    assert left["accounts"] == loaded["accounts"]
    assert [one for one in left["reasons"] if one["kind"] == "person" and one["rows"]] == []
    assert [one["objects"] for one in left["reasons"]] == [one["objects"] for one in loaded["reasons"]]
    assert all(DOTS in found for found in ADDRESS.findall(str(left)))
    assert left["destroyed"] == len(loaded["findings"])


def test_done_twice_nothing_changes(loaded: Facts) -> None:
    left = redact.redacted(loaded)
    assert redact.redacted(left) == left
    assert (redact.names(loaded), redact.names(left)) == (True, False)


def test_the_page_is_drawn_anew_and_says_what_it_lost(loaded: Facts) -> None:
    page = redact.page(redact.redacted(loaded), "en", ())
    assert page is not None
    assert f"were destroyed with their data: {len(loaded['findings'])}." in page
    assert "old/person/" not in page


def test_a_report_that_shows_people_in_clear_does_not_stay(loaded: Facts) -> None:
    assert redact.stays(loaded)
    assert not redact.stays({**loaded, "masked": False})
    assert not redact.stays({})
    assert redact.stays({"report": "rollback"})


def test_a_report_of_another_version_has_no_page(loaded: Facts) -> None:
    old = copy.deepcopy(loaded)
    del old["source"]
    assert redact.page(old, "en", ()) is None
    assert redact.page({"report": "unknown", "masked": True}, "en", ()) is None
