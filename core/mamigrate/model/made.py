"""Words for whose a record on the target is, as far as a ledger knows."""

CREATED = "created"
"""An earlier run made it."""
ADOPTED = "adopted"
"""It stood there before."""
FOUND = "found"
"""It bore a key of ours when no ledger knew it: an earlier move wrote to it, and nobody can say whether it made it. What is
open there may have been opened by us; it is not ours to delete."""
OPENED_BY_US = (CREATED, FOUND)
"""Where an opt-in counts as ours: closed when the grant is gone, and never a grant of the target."""
