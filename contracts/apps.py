from django.apps import AppConfig
from django.conf import settings


class ContractsConfig(AppConfig):
    """The technology contract register."""

    name = "contracts"

    def ready(self) -> None:
        from contracts import people, rule_sets  # noqa: PLC0415 (models are there only now)
        from contracts.queries.rule_sets import all_of_them  # noqa: PLC0415

        people.register()
        if not settings.TESTING:  # tests count statements; those about added rules turn it on
            rule_sets.use(all_of_them)
