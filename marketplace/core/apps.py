"""The floor: what every room stands on and which knows none of them."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class CoreConfig(AppConfig):
    name = "marketplace.core"
    label = "core"

    def ready(self) -> None:
        from marketplace.core import checks  # noqa: F401, PLC0415 (registers the system checks)

        autodiscover_modules("jobs")
