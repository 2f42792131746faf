"""The invented companies that the sandboxes are filled with."""
