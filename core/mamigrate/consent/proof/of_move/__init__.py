"""The tables of the proof from what one move read, decided, wrote and read back: expressions, and no calls."""
