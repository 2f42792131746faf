"""Jinja templates, message files and starters: data of the product."""
