"""Yizhan, the open technology market: the roof over the rooms."""

from marketplace.celery import app as celery_app

__all__ = ["celery_app"]
