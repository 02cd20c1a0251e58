"""The Celery application: carries pings to the outbox and keeps the clock."""

import os
from typing import Any

from celery import Celery
from celery.signals import worker_ready

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.settings")

app = Celery("yizhan")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["marketplace.core"])
app.conf.beat_schedule = {
    "sweep": {"task": "core.sweep", "schedule": 10.0},
    "forget-done": {"task": "core.forget_done", "schedule": 3600.0},
}


@worker_ready.connect  # type: ignore[untyped-decorator]
def sweep_at_once(sender: Any, **kwargs: Any) -> None:
    """A fresh worker looks for abandoned work (and shows that it is there) without waiting."""
    sender.app.send_task("core.sweep", kwargs={"started": True})
