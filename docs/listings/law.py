"""Packs of law: what each asks for."""

from listings.table import code, table
from mamigrate.consent.kinds import Grant
from mamigrate.consent.regimes.pack import Pack, packs

ASKS = {Grant.NONE: "nothing beforehand", Grant.EXPRESS: "consent", Grant.CONFIRMED: "consent by double opt-in"}


def listing() -> str:
    """A table of all packs."""
    head = ("pack", "law", "asks for", "least proof", "or a basis", "ends", "countries", "reviewed")
    return table(head, (_row(pack) for pack in packs().values()))


def _row(pack: Pack) -> tuple[str, ...]:
    soft = ", ".join(f"{code(basis)}{f' ({months} months)' if months else ''}" for basis, months in pack.soft.items())
    term = f"every consent after {pack.reconfirm_months} months unless confirmed again" if pack.reconfirm_months else ""
    law = f"{pack.title}: {'; '.join(pack.law)}"
    asks, proof = ASKS[pack.needs("email", "MKT")], str(pack.least_proof or "")
    return code(pack.name), law, asks, proof, soft, term, ", ".join(pack.countries), pack.reviewed
