"""A Redis cache that is a convenience: when it is gone, pages are slower, not broken."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import structlog
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)


def _patient(name: str, missing: Any) -> Callable[..., Any]:
    original = getattr(RedisCache, name)

    @wraps(original)
    def method(self: RedisCache, *args: Any, **kwargs: Any) -> Any:
        try:
            return original(self, *args, **kwargs)
        except RedisError as error:
            log.warning("cache_down", operation=name, error=type(error).__name__)
            return kwargs.get("default", args[1] if name == "get" and len(args) > 1 else missing)

    return method


class PatientRedisCache(RedisCache):
    """Django's Redis cache, reading as empty and writing nowhere while Redis is down."""

    get_or_fail = RedisCache.get  # raises RedisError: for who must know
    get = _patient("get", None)
    get_many = _patient("get_many", {})
    set = _patient("set", None)
    set_many = _patient("set_many", [])
    add = _patient("add", True)
    delete = _patient("delete", False)
    delete_many = _patient("delete_many", None)
    touch = _patient("touch", False)
    incr = _patient("incr", 1)
    has_key = _patient("has_key", False)
    clear = _patient("clear", False)
