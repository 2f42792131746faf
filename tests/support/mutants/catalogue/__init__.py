"""Every mistake, by what it is made in."""

from mutants.catalogue import of_facts, of_moves, of_populations, of_proofs, of_targets, of_vendors, of_verdicts

MUTANTS = (*of_facts.MUTANTS, *of_verdicts.MUTANTS, *of_populations.MUTANTS, *of_proofs.MUTANTS, *of_moves.MUTANTS, *of_targets.MUTANTS, *of_vendors.MUTANTS)  # fmt: skip
