"""Command line of the catalogues: `manage.py messages`, `python -m marketplace.messages`."""

from __future__ import annotations

import argparse
import sys

from marketplace.messages import catalogues, rooms


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("step", choices=("update", "check", "missing", "compile"))
    parser.add_argument("room", nargs="*", help=f"one or more of: {', '.join(rooms.ROOMS)}")
    parser.add_argument("--force", action="store_true", help="compile even what did not change")


def run(step: str, chosen: list[str], force: bool = False) -> int:
    """Carry out one step for the chosen rooms (all when none is named). Returns the exit code."""
    unknown = sorted(set(chosen) - set(rooms.ROOMS))
    if unknown:
        print(f"Unknown room: {', '.join(unknown)}. Rooms are: {', '.join(rooms.ROOMS)}.")
        return 2
    pairs = [(room, language) for room in chosen or rooms.ROOMS for language in rooms.LANGUAGES]
    if step == "compile":
        print(f"{catalogues.compile_catalogues(force)} catalogue(s) compiled.")
    elif step == "update":
        for room, language in pairs:
            total, missing = catalogues.update(room, language)
            if total:
                print(f"{room} {language}: {total} texts, {missing} without translation")
    else:
        findings = [
            finding
            for pair in pairs
            for finding in catalogues.check(*pair)
            if step == "check" or finding.problem == "missing"
        ]
        if step == "check":
            for language in rooms.LANGUAGES:
                findings += catalogues.disagreements(language, chosen or rooms.ROOMS)
        for finding in findings:
            print(finding)
        if step == "check":
            print(f"{len(findings)} finding(s) in {len(pairs)} catalogue(s).")
            return 1 if findings else 0
    return 0


def main() -> int:
    """Entry point without Django."""
    parser = argparse.ArgumentParser(prog="python -m marketplace.messages")
    add_arguments(parser)
    options = parser.parse_args()
    return run(options.step, options.room, options.force)


if __name__ == "__main__":
    sys.exit(main())
