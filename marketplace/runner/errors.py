"""The one error that a person at the terminal is told."""


class CannotStart(Exception):
    """Something is missing or in the way. The text is one sentence: what, and what to do."""
