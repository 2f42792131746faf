"""Reports as values and as pages: the same facts and the same numbers in HTML and JSON."""
