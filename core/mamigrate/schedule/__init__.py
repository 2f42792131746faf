"""When everything is done: routes chosen, work planned against every limit of both sides at once. Pure."""
