"""`python -m marketplace.runner run|manage`: what the Makefile calls."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from marketplace.runner import supervisor
from marketplace.runner.errors import CannotStart
from marketplace.runner.home import Home


def main() -> int:
    """Read the arguments; a start that cannot be is told in one sentence."""
    parser = argparse.ArgumentParser(prog="python -m marketplace.runner")
    steps = parser.add_subparsers(dest="step", required=True)
    run = steps.add_parser("run", help="start everything and hold it until Ctrl-C")
    run.add_argument("--port", default="8000", help="port of the web server on 127.0.0.1")
    manage = steps.add_parser("manage", help="run a management command against the instance")
    manage.add_argument("arguments", nargs=argparse.REMAINDER)
    for step in (run, manage):
        step.add_argument("--home", default=".yizhan", type=Path, help="folder of the instance")
    options = parser.parse_args()
    os.umask(0o077)  # data, secrets and logs are nobody else's business
    try:
        if options.step == "run":
            if not options.port.isdecimal():
                raise CannotStart(f"PORT={options.port} is not a number.")
            return supervisor.run(Home(options.home), int(options.port))
        return supervisor.manage(Home(options.home), options.arguments)
    except CannotStart as error:
        print(error, file=sys.stderr)
    except OSError as error:
        about = f"{error.filename}: " if error.filename else ""
        print(f"Yizhan cannot start: {about}{error.strerror}.", file=sys.stderr)
    except supervisor.Stopped:
        return 0
    return 1


if __name__ == "__main__":
    sys.exit(main())
