"""The mapping between two platforms: the file people edit, its checks, and its compiled form. Pure."""
