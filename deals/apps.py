from django.apps import AppConfig


class DealsConfig(AppConfig):
    """Introductions, and later cases and deal rooms."""

    name = "deals"

    def ready(self) -> None:
        from deals.queries.offers import with_a_broker  # noqa: PLC0415
        from matching import followers  # noqa: PLC0415 (apps import nothing before all are ready)

        followers.on_both_interested("deals.open_introduction")
        followers.on_taken(with_a_broker)
