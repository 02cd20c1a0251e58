#!/usr/bin/env python
"""Command line of Yizhan: `python manage.py help` lists what there is."""

import os
import sys


def main() -> None:
    """Run one management command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.settings")
    try:
        # Inside, since a newcomer without the packages should get a sentence, not a traceback.
        from django.core.management import execute_from_command_line  # noqa: PLC0415
    except ImportError:
        sys.exit("Django is not installed here. Use `make manage ARGS=...`, or `make run` first.")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
