from django.apps import AppConfig


class DealsConfig(AppConfig):
    """Introductions and cases, and later deal rooms."""

    name = "deals"

    def ready(self) -> None:
        from accounts import followers as leaving  # noqa: PLC0415
        from deals import people, pipelines  # noqa: PLC0415
        from deals.actions.frames import end_all  # noqa: PLC0415
        from deals.actions.referral_carrying import refuse_leaving  # noqa: PLC0415
        from deals.queries.offers import with_a_broker  # noqa: PLC0415
        from deals.queries.pipelines import all_of_them  # noqa: PLC0415
        from matching import followers  # noqa: PLC0415 (apps import nothing before all are ready)

        people.register()
        pipelines.use(all_of_them)
        followers.on_both_interested("deals.open_introduction")
        followers.on_taken(with_a_broker)
        leaving.before_leaving(refuse_leaving)
        leaving.on_lead_handed_over(end_all)
