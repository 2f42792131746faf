"""HubSpot's JSON to neutral rows: pure functions from a landed page to its content."""
