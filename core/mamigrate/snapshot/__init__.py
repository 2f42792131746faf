"""Snapshots: landed pages as received, typed tables built from them, and the engine that runs expressions on them."""
