#!/usr/bin/env python
"""Django's command line for Numberdesk."""

import os
import sys

from portal import collecting


def main() -> None:
    """Run the command named on the command line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    collecting.put_off()
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
