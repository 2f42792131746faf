"""The neutral model: what marketers built (estate), and whom they know and what happened (population)."""
