"""How the API knows its caller: a personal token, or the session of a signed-in page."""

from django.contrib.auth.models import AnonymousUser
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.models import ApiToken, User
from accounts.network import client_ip, is_inside
from accounts.queries import tokens
from accounts.queries.actors import actor_for
from marketplace.core.replicas import on_primary


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer yz_...`; the actor gets the scopes of the token."""

    keyword = "Bearer"

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        with on_primary():  # a revoked token is revoked
            return self._authenticate(request)

    def _authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        scheme, _space, given = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != self.keyword.lower():
            return None
        token = tokens.find_valid(given.strip())
        if token is None or not token.user.is_active:
            raise AuthenticationFailed(
                _("The token is not known, has expired or was revoked."), code="invalid_token"
            )
        if token.allowed_networks and not is_inside(
            client_ip(request._request), token.allowed_networks
        ):
            raise AuthenticationFailed(
                _("The token may not be used from this network."), code="network_not_allowed"
            )
        tokens.note_use(token)
        request._request.actor = actor_for(  # type: ignore[attr-defined]
            token.user,
            get_language(),
            scopes=frozenset(token.scopes),
            token_id=token.pk,
            request_id=getattr(request._request, "request_id", ""),
        )
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return f'{self.keyword} realm="api"'


class ActorSessionAuthentication(SessionAuthentication):
    """The session of the pages, with the CSRF check; `request.actor` is the middleware's."""

    def authenticate(self, request: Request) -> tuple[User | AnonymousUser, None] | None:
        return super().authenticate(request)
