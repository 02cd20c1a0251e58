from django.apps import AppConfig


class ContractsConfig(AppConfig):
    """The technology contract register."""

    name = "contracts"
