from django.apps import AppConfig


class InsightsConfig(AppConfig):
    name = "insights"

    def ready(self) -> None:
        from contracts import followers  # noqa: PLC0415 (apps import nothing before all are ready)

        followers.on_less_shown("insights.renew_open_data")
