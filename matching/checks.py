"""What must hold before this room may work."""

from typing import Any

from django.core.checks import CheckMessage, Error, register

from matching.pipeline import model


@register
def weights_can_be_read(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Names each weights file that is newer than the last good one and cannot be used."""
    return [
        Error(
            f"{problem}.",
            hint="Repair the file or take it out of matching/pipeline/weights/. "
            "See docs/explanation/matching.md.",
            id="yizhan.E006",
        )
        for problem in model.problems()
    ]
