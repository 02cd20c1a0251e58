"""Who asks: `request.actor`, and the person's language where the browser has not chosen one."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.functional import SimpleLazyObject
from django.utils.translation.trans_real import parse_accept_lang_header

from accounts.models import User
from accounts.queries.actors import actor_for
from marketplace.core.actor import Actor
from marketplace.core.replicas import on_primary

GetResponse = Callable[[HttpRequest], HttpResponse]


class ActorMiddleware:
    """Sets `request.actor` lazily: a page that needs no actor costs no query."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        self._speak_language_of_person(request)
        request.actor = SimpleLazyObject(lambda: self._actor(request))  # type: ignore[attr-defined]
        return self.get_response(request)

    @staticmethod
    def _actor(request: HttpRequest) -> Actor:
        with on_primary():
            return actor_for(
                request.user,
                translation.get_language(),
                request_id=getattr(request, "request_id", ""),
            )

    @staticmethod
    def _speak_language_of_person(request: HttpRequest) -> None:
        """What was chosen in the browser wins, then what the browser asks for, then the profile
        (in which mails are written): signing in does not change the language under one's eyes."""
        if settings.LANGUAGE_COOKIE_NAME in request.COOKIES or _asked_for(request):
            return
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return
        user = request.user
        if isinstance(user, User) and translation.check_for_language(user.language):
            translation.activate(user.language)
            request.LANGUAGE_CODE = translation.get_language() or user.language


def _asked_for(request: HttpRequest) -> bool:
    """Whether the browser asks for one of our languages."""
    asked = parse_accept_lang_header(request.headers.get("Accept-Language", ""))
    return any(_is_ours(language) for language, _quality in asked)


def _is_ours(language: str) -> bool:
    try:
        return bool(translation.get_supported_language_variant(language))
    except LookupError:
        return False
