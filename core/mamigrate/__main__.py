"""``python -m mamigrate`` and the console script."""


def main() -> None:
    """Run the command line."""
    import resource

    from mamigrate.cli.app import run

    # No image of the memory when the process dies: it would hold people and secrets, for whoever may read it.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    run()


if __name__ == "__main__":
    main()
