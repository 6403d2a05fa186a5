"""`edgewright` and `python -m edgewright`: stopped while it is still loading, the command ends in one line, too."""

import sys


def main() -> None:
    """Run the command line; see `edgewright.cli`."""
    try:
        from edgewright.cli import main as command
    except KeyboardInterrupt:
        sys.stderr.write("edgewright: interrupted\n")
        sys.exit(130)
    command()


if __name__ == "__main__":
    main()
