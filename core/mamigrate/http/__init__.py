"""The one door to vendors: pacing, retries, tokens, redirects, size caps and redaction for every adapter."""
