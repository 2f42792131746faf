"""The class of mail of an asset that is built again on the target: marketing, unless somebody decided otherwise.

What a platform calls operational is a claim of whoever ticked the box there: it is sent past opt-outs, whatever it says.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping

from mamigrate.model.estate import Asset

MARKETING = ("MKT", "SLS")
"""Classes of mail that an opt-out stops."""
QUESTION = "asset-class/"
"""How decisions begin that let an asset keep the class that it claims; its key follows."""

Choice = Callable[[str], str | None]


def claims(asset: Asset) -> bool:
    """Whether an asset says of itself that opt-outs do not stop it."""
    return asset.asset_type == "email" and asset.asset_class not in MARKETING


def decision(asset: Asset, choice: Choice) -> str | None:
    """The id of the decision that lets an asset keep its class; None: nobody made it."""
    id = f"{QUESTION}{asset.key}"
    return id if choice(id) == "accept" else None


def on_target(asset: Asset, choice: Choice) -> str:
    """The class that an asset has on the target."""
    return "MKT" if claims(asset) and decision(asset, choice) is None else asset.asset_class


def moved(assets: Iterable[Asset], there: Mapping[str, str], choice: Choice) -> Iterator[dict[str, object]]:
    """The proof's ``assets``: ``there`` has the class with which each was built on the target, by key."""
    for asset in (one for one in assets if one.key in there):
        source = "MKT" if claims(asset) else asset.asset_class
        made = {"source_class": source, "target_class": there[asset.key], "decision": decision(asset, choice)}
        yield {"population": 0, "key": asset.key, **made}
