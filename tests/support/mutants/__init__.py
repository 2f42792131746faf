"""Mistakes that somebody could make in what decides consent, each of which a test must notice (``make mutants``)."""
