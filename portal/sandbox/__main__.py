"""``python -m portal.sandbox``: the practice Graph server without Django. Same options as ``manage.py sandbox``."""

import argparse
import sys

from portal.sandbox.controls import launch


def main() -> int:
    """Serve until SIGTERM or SIGINT; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m portal.sandbox", description=launch.DESCRIPTION)
    launch.add_arguments(parser)
    return launch.run(launch.Options.from_arguments(vars(parser.parse_args())), sys.stdout, sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
