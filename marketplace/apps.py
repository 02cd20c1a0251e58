from django.apps import AppConfig


class MarketplaceConfig(AppConfig):
    """The roof: pages that join rooms, commands, the demo market."""

    name = "marketplace"
