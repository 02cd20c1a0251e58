"""The Celery application: carries pings to the outbox and keeps the clock."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.settings")

app = Celery("yizhan")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["marketplace.core"])
app.conf.beat_schedule = {
    "sweep": {"task": "core.sweep", "schedule": 10.0},
    "forget-done": {"task": "core.forget_done", "schedule": 3600.0},
}
