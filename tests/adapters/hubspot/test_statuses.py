"""Which addresses a batch of statuses will take."""

import pytest

from mamigrate_hubspot.statuses import _ordinary


@pytest.mark.parametrize("address", ["ana@x.example", "josé.山田@x.example", f"{'a' * 244}@b.example"])
def test_an_address_goes_into_a_batch(address: str) -> None:
    assert _ordinary(address)


@pytest.mark.parametrize("address", ["ana＠x.example", "ana", "a@x.example; b@x.example", f"{'a' * 260}@b.example", ""])
def test_an_odd_text_is_asked_for_alone(address: str) -> None:
    assert not _ordinary(address)
