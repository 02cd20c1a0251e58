from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class EventsConfig(AppConfig):
    name = "events"

    def ready(self) -> None:
        autodiscover_modules("event_kinds", "notices")
        from events.webhooks import notices  # noqa: F401, PLC0415 (declares itself)
