"""Base of all API viewsets."""

import hashlib
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers, viewsets
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from marketplace.core.actor import Actor
from marketplace.core.api import idempotency
from marketplace.core.api.permissions import actor_of
from marketplace.core.errors import Stale, field_error
from marketplace.core.gates import get_visible
from marketplace.core.replicas import may_lag


class GatedViewSet(viewsets.GenericViewSet[Any]):
    """What every endpoint shares. A subclass gives:

    - `visible = staticmethod(queries.visible_to)`: the room's visible_to, asked before any handler;
    - `required_scopes = {"read": ..., "write": ...}`, `open_to_visitors`;
    - serializers whose `fields` the caller may narrow by `?fields=a,b`, and `expandable`: names
      that `?expand=` may open (the serializer reads `self.context["expand"]`);
    - handlers that call one action with `actor=self.actor`.

    Objects with a `version` answer with an ETag; unsafe requests on one object may send If-Match
    (call `self.check_version(obj)` under the action's lock, or pass `self.expected_version()`).
    POST honours Idempotency-Key.
    """

    lookup_field = "public_id"
    lookup_value_regex = "[0-9A-Z]{10}"
    open_to_visitors: ClassVar[bool] = False
    required_scopes: ClassVar[dict[str, str]] = {}
    expandable: ClassVar[Sequence[str]] = ()
    # An answer that holds a secret shown once is not kept for a repeat of its Idempotency-Key.
    answers_hold_secrets: ClassVar[bool] = False
    # GET may be answered by a replica (marketplace.core.replicas).
    reads_may_lag: ClassVar[bool] = False
    visible: Any = None
    _idempotency: Any = None

    @classmethod
    def as_view(cls, *args: Any, **kwargs: Any) -> Any:
        view = super().as_view(*args, **kwargs)
        return may_lag(view) if cls.reads_may_lag else view

    @property
    def actor(self) -> Actor:
        return actor_of(self.request)

    def get_queryset(self) -> QuerySet[Any]:
        if getattr(self, "swagger_fake_view", False):
            return self._schema_model()._default_manager.none()
        assert self.visible is not None, f"{type(self).__name__} names no visible_to"
        visible_to: Callable[[Actor], QuerySet[Any]] = type(self).visible
        return visible_to(self.actor)

    def _schema_model(self) -> type[Model]:
        serializer = self.get_serializer_class()
        model: type[Model] = serializer.Meta.model  # type: ignore[attr-defined]
        return model

    def get_object(self) -> Any:
        queryset = self.filter_queryset(self.get_queryset())
        return get_visible(queryset, **{self.lookup_field: self.kwargs[self.lookup_field]})

    # --- concurrency ----------------------------------------------------------------------------

    def expected_version(self) -> int | None:
        """The version in If-Match, None when not sent; raises Stale when it is no version."""
        value = self.request.headers.get("If-Match", "").strip()
        if not value or value == "*":
            return None
        named, _colon, version = value.removeprefix("W/").strip('"').rpartition(":")
        if named and named.split(".")[0] != self.kwargs.get(self.lookup_field, ""):
            raise Stale("stale_version", _("If-Match names another object."))
        try:
            return int(version)
        except ValueError:
            raise Stale("stale_version", _("If-Match does not name a version.")) from None

    def check_version(self, obj: Any) -> None:
        expected = self.expected_version()
        if expected is not None and expected != obj.version:
            raise Stale(
                "stale_version",
                _("It was changed after you read it. Read it again, then repeat your change."),
            )

    # --- one request ------------------------------------------------------------------------------

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            response = super().dispatch(request, *args, **kwargs)
        except BaseException:
            if self._idempotency is not None:
                idempotency.forget(self._idempotency)
            raise
        patch_vary_headers(response, ["Accept-Language", "Authorization", "Cookie"])
        if self._idempotency is not None:
            response.render()  # type: ignore[attr-defined]
            idempotency.store_answer(self._idempotency, response)  # type: ignore[arg-type]
        return response

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.method == "POST" and request.headers.get("Idempotency-Key"):
            self._idempotency, replay = idempotency.find_answer(request)
            handler = self._once(request, getattr(self, "post", self.http_method_not_allowed))
            self.post = (lambda *a, **k: replay) if replay is not None else handler

    def _once(self, request: Request, handler: Callable[..., Response]) -> Callable[..., Response]:
        """The handler, whose work and stored answer are committed together: a process that dies
        between the two would leave the work done and the key free."""

        def work(*args: Any, **kwargs: Any) -> Response:
            with transaction.atomic():
                response: Response = self.finalize_response(
                    request, handler(request, *args[1:], **kwargs)
                )
                response.render()
                idempotency.store_answer(
                    self._idempotency, response, secret=self.answers_hold_secrets
                )
            self._idempotency = None
            return response

        return work

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(response, Response) and isinstance(response.data, dict):
            version = response.data.get("version")
            if version is not None and "id" in response.data:
                etag = _etag(response.data)
                if request.method == "GET" and _already_read(request, etag):
                    response = Response(status=304)
                response["ETag"] = etag
        return super().finalize_response(request, response, *args, **kwargs)

    # --- sparse fields and expansions -------------------------------------------------------------

    def get_serializer_context(self) -> dict[str, Any]:
        context = dict(super().get_serializer_context())
        context["actor"] = self.actor if not getattr(self, "swagger_fake_view", False) else None
        context["expand"] = self._names("expand", self.expandable)
        return context

    def get_serializer(self, *args: Any, **kwargs: Any) -> serializers.BaseSerializer[Any]:
        serializer = super().get_serializer(*args, **kwargs)
        if getattr(self, "swagger_fake_view", False) or self.request.method != "GET":
            return serializer
        inner: Any = getattr(serializer, "child", serializer)
        wanted = self._names("fields", tuple(inner.fields))
        if wanted:
            for name in set(inner.fields) - wanted:
                inner.fields.pop(name)
        return serializer

    def _names(self, parameter: str, known: Sequence[str]) -> set[str]:
        request = getattr(self, "request", None)
        raw = request.query_params.get(parameter, "") if isinstance(request, Request) else ""
        names = {name.strip() for name in raw.split(",") if name.strip()}
        unknown = names - set(known)
        if unknown:
            raise field_error(
                parameter,
                _("Unknown: %(names)s. Known: %(known)s.")
                % {"names": ", ".join(sorted(unknown))[:200], "known": ", ".join(known)},
                code="unknown_name",
            )
        return names


def _etag(data: Any) -> str:
    """Names the object, what this reader gets of it, and last the version that If-Match means."""
    seen = hashlib.sha256(JSONRenderer().render(data)).hexdigest()[:10]
    return f'"{data["id"]}.{seen}:{data["version"]}"'


def _already_read(request: Request, etag: str) -> bool:
    known = parse_etags(request.headers.get("If-None-Match", ""))
    return "*" in known or etag in {one.removeprefix("W/") for one in known}
