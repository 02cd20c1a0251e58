"""Idempotency-Key on POST: the same key gives the same answer, and the work is done once.

Steps: take the key by a unique row; a second request meets that row and gets the stored answer,
409 while the first still runs, or 422 if it carries another body. A server error frees the key.
"""

import datetime as dt
import hashlib
import json
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from marketplace.core.api.permissions import actor_of
from marketplace.core.api.problems import CONTENT_TYPE, problem, title_of
from marketplace.core.errors import Conflict, DomainError, field_error
from marketplace.core.models import IdempotencyRecord

KEEP = dt.timedelta(hours=24)
RUNNING_LIMIT = dt.timedelta(minutes=2)
_RUNNING = _("The first request with this key is still running.")


class KeyReused(DomainError):
    status = 422
    title = _("This idempotency key was used for another request")


def find_answer(request: Request) -> tuple[IdempotencyRecord | None, HttpResponse | None]:
    """(the record to fill, None) for a new key, (None, the stored answer) for a known one.

    Raises Conflict while the first request runs, KeyReused for another body or address.
    """
    key = request.headers.get("Idempotency-Key", "")
    if not key:
        return None, None
    if len(key) > 200:
        raise field_error("Idempotency-Key", _("The key has more than 200 characters."))
    actor = actor_of(request)
    owner = f"user:{actor.user_id}"
    method_path = f"{request.method} {request.path}"[:400]
    body_hash = _hash_of_body(request)
    now = timezone.now()
    IdempotencyRecord.objects.filter(owner=owner, key=key, created_at__lt=now - KEEP).delete()
    # a first request whose process died is forgotten after a while
    IdempotencyRecord.objects.filter(
        owner=owner, key=key, status__isnull=True, created_at__lt=now - RUNNING_LIMIT
    ).delete()
    try:
        with transaction.atomic():
            return (
                IdempotencyRecord.objects.create(
                    owner=owner, key=key, method_path=method_path, body_hash=body_hash
                ),
                None,
            )
    except IntegrityError:
        known = IdempotencyRecord.objects.filter(owner=owner, key=key).first()
    if known is None:  # freed in this very moment
        raise Conflict("idempotency_running", _RUNNING)
    if (known.method_path, known.body_hash) != (method_path, body_hash):
        raise KeyReused(
            "idempotency_key_reused", _("Use a new key for a request with another body or address.")
        )
    if known.status is None:
        raise Conflict("idempotency_running", _RUNNING)
    answer = HttpResponse(bytes(known.body), status=known.status)
    for name, value in known.headers.items():
        answer[name] = value
    answer["Idempotency-Replayed"] = "true"
    return None, answer


def _hash_of_body(request: Request) -> str:
    """Of the bytes; of an upload, of its parts: each sending draws a boundary of its own."""
    if not (request.content_type or "").lower().startswith("multipart/"):
        return hashlib.sha256(request._request.body).hexdigest()
    digest = hashlib.sha256()
    parts: Any = request.data
    for name in sorted(parts):
        for value in parts.getlist(name):
            digest.update(repr((name, getattr(value, "name", value))).encode())
            if hasattr(value, "chunks"):
                for chunk in value.chunks():
                    digest.update(chunk)
                value.seek(0)
    return digest.hexdigest()


def forget(record: IdempotencyRecord) -> None:
    """Free the key: the request ended in a fault, so the client may try again."""
    IdempotencyRecord.objects.filter(pk=record.pk).delete()


def store_answer(record: IdempotencyRecord, response: Response, *, secret: bool = False) -> None:
    """Keep what was answered; a server error is not kept, so that the client may try again.

    secret: a good answer holds what may be shown once; a repeat is told that it was done.
    """
    if response.status_code >= 500 or response.status_code == 429:
        forget(record)
        return
    record.status = response.status_code
    record.body = response.rendered_content
    record.headers = {
        name: response[name]
        for name in ("Content-Type", "Location", "ETag")
        if response.has_header(name)
    }
    if secret and response.status_code < 300:
        record.status = Conflict.status
        shown_once = _("This was done; its secret was shown once, in the first answer.")
        body = problem(record.status, "shown_once", title_of(record.status), str(shown_once))
        record.body = json.dumps(body, ensure_ascii=False).encode()
        record.headers = {"Content-Type": CONTENT_TYPE}
    record.save(update_fields=["status", "body", "headers"])
