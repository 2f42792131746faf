"""For whoever writes an adapter: recordings without secrets, and the suite of promises."""
