from django.apps import AppConfig


class ContractsConfig(AppConfig):
    """The technology contract register."""

    name = "contracts"

    def ready(self) -> None:
        from contracts import people  # noqa: PLC0415 (models are there only now)

        people.register()
