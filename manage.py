#!/usr/bin/env python
"""Django's command line for Numberdesk."""

import gc
import os
import sys


def main() -> None:
    """Run the command named on the command line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    # Looking for garbage among what is being imported takes a fifth of the start. On again in `PortalConfig.ready`.
    gc.disable()
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
