from django.apps import AppConfig


class MatchingConfig(AppConfig):
    """Pairs of needs and technologies, with reasons."""

    name = "matching"

    def ready(self) -> None:
        from listings import followers  # noqa: PLC0415 (apps import nothing before all are ready)

        followers.on_change("matching.match_listing")
        from matching import checks, people  # noqa: F401, PLC0415 (checks register themselves)

        people.register()
