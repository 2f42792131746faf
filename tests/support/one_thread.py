"""What this imports, asks its engine with one thread. Of a few people two cost more than they save, and the campaigns ask often."""

from mamigrate.snapshot.engine import Engine

assert Engine.__init__.__kwdefaults__ is not None
Engine.__init__.__kwdefaults__["threads"] = 1
