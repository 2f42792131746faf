"""Files that people write by hand: read as text, with each mistake told by its place and in plain words."""
