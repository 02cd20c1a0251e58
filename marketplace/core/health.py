"""Liveness and readiness. Ready = database, Redis and a worker that lately ran the sweeper."""

import datetime as dt

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from redis import Redis
from redis.exceptions import RedisError

BEAT_KEY = "core:beat_seen"
WORKER_SILENCE = dt.timedelta(seconds=45)


def beat_seen() -> None:
    """Called by the sweeper: a worker and the clock are alive."""
    cache.set(BEAT_KEY, timezone.now().isoformat(), timeout=600)


@never_cache
def live(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "up"})


@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """503 with the parts that are missing, 200 when all are there."""
    found = parts()
    ok = all(found.values())
    return JsonResponse(
        {"status": "ready" if ok else "not ready", "parts": found}, status=200 if ok else 503
    )


def parts() -> dict[str, bool]:
    """What must be there, and whether it is."""
    return {"database": _database(), "redis": _redis(), "worker": _worker()}


def last_beat() -> dt.datetime | None:
    """When a worker last ran the sweeper, as far as the cache remembers."""
    seen = cache.get(BEAT_KEY)
    return dt.datetime.fromisoformat(seen) if seen else None


def _database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Exception:
        return False
    return True


def _redis() -> bool:
    try:
        client = Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2)
        return bool(client.ping())
    except RedisError:
        return False


def _worker() -> bool:
    seen = last_beat()
    return seen is not None and timezone.now() - seen < WORKER_SILENCE
