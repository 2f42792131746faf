"""``python -m mamigrate`` and the console script."""


def main() -> None:
    """Run the command line."""
    from mamigrate import private
    from mamigrate.cli.app import run

    private.no_core()
    run()


if __name__ == "__main__":
    main()
