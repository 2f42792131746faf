"""One verb a file: extract, plan, apply, verify, report, rollback. No printing; progress and findings are values."""
