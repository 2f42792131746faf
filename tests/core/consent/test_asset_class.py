"""The class of mail of assets that are built again, and the statement of the proof about them on the model."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from mamigrate.consent import asset_class
from mamigrate.consent.proof.invariants import by_number
from mamigrate.consent.proof.tables import SCHEMAS, Tables
from mamigrate.model.base import Origin
from mamigrate.model.estate import Asset
from mamigrate.snapshot.engine import Engine
from populations import ASKED


def asset(key: str, claimed: str = "MKT", kind: str = "email") -> Asset:
    origin = Origin(connection="old", vendor_type="email", vendor_id=key)
    told: dict[str, Any] = {"key": key, "name": key.title(), "origin": origin, "raw": {}}
    return Asset.model_validate({**told, "asset_type": kind, "asset_class": claimed})


def nobody(id: str) -> None:
    return None


def accepted(*ids: str) -> asset_class.Choice:
    return dict.fromkeys(ids, "accept").get


ESTATE = (
    asset("news"),
    asset("promo", "TXN"),
    asset("receipt", "TXN"),
    asset("service", "SVC"),
    asset("pitch", "SLS"),
    asset("page", "TXN", kind="page"),
)


def broken(folder: Path, assets: Iterable[Asset], there: Mapping[str, str], choice: asset_class.Choice) -> set[str]:
    """What statement 18 says of assets that stand on a target with these classes."""
    engine = Engine(folder / "spill", memory_mb=200)
    empty = {name: engine.memory(schema.empty_table()) for name, schema in SCHEMAS.items()}
    rows = list(asset_class.moved(assets, there, choice))
    filled = empty | {"assets": engine.memory(pa.Table.from_pylist(rows, schema=SCHEMAS["assets"]))}
    return {row["subject"] for row in engine.rows(by_number(18).broken(Tables(**filled), ASKED))}


@pytest.mark.parametrize("refused", [nobody, {"asset-class/promo": "refuse"}.get, accepted("asset-class/receipt")])
def test_52_operational_mail_is_marketing_on_the_target_unless_decided(refused: asset_class.Choice) -> None:
    assert asset_class.on_target(asset("promo", "TXN"), refused) == "MKT"
    assert asset_class.on_target(asset("promo", "TXN"), accepted("asset-class/promo")) == "TXN"
    assert asset_class.on_target(asset("pitch", "SLS"), refused) == "SLS"


def test_52_what_is_built_as_the_rule_says_breaks_nothing(tmp_path: Path) -> None:
    choice = accepted("asset-class/receipt")
    there = {one.key: asset_class.on_target(one, choice) for one in ESTATE if one.asset_type == "email"}
    assert there == {"news": "MKT", "promo": "MKT", "receipt": "TXN", "service": "MKT", "pitch": "SLS"}
    assert broken(tmp_path, ESTATE, there, choice) == set()


def test_52_a_promotion_that_was_built_as_transactional_breaks_statement_18(tmp_path: Path) -> None:
    there = {"news": "SVC", "promo": "TXN", "receipt": "TXN", "service": "SVC"}
    assert broken(tmp_path, ESTATE, there, accepted("asset-class/receipt")) == {"news", "promo", "service"}
