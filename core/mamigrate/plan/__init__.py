"""From what is known of both sides to what will be done: pure functions of one row, and the plan as a table."""
