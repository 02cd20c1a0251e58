from django.apps import AppConfig


class InsightsConfig(AppConfig):
    name = "insights"

    def ready(self) -> None:
        from contracts import followers  # noqa: PLC0415 (apps import nothing before all are ready)
        from deals import followers as reports  # noqa: PLC0415

        followers.on_less_shown("insights.renew_open_data")
        reports.on_report_submitted("insights.renew_institutions")
