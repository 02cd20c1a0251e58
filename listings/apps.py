from django.apps import AppConfig


class ListingsConfig(AppConfig):
    name = "listings"

    def ready(self) -> None:
        from listings import people  # noqa: PLC0415 (models are there only now)

        people.register()
