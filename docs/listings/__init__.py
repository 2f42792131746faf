"""What the pages list, as Markdown: one function a listing, each read from the program."""
