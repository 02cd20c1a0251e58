"""The whole way by API alone: two new organisations, one registered contract."""

import datetime as dt
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from tests.journeys.material import NEED, PDF, TECHNOLOGY

API = "/api/v1"


@pytest.fixture(autouse=True)
def _words_only(settings):
    from marketplace.core.encoder import encoder

    cache.clear()
    settings.ENCODER = "none"
    encoder.cache_clear()
    yield
    encoder.cache_clear()


class Person:
    """Somebody with a token of all scopes, who asks in one language and is never refused."""

    def __init__(self, player: Any, language: str = "en") -> None:
        self.client = player.api
        self.language = language

    def __call__(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        answer = getattr(self.client, method)(
            f"{API}{path}", body, headers={"Accept-Language": self.language}, **more
        )
        assert answer.status_code < 300, f"{method} {path}: {answer.status_code} {answer.content!r}"
        return answer.json() if answer.content else None


@pytest.fixture
def newcomers(cast):
    """Two people who belong nowhere yet: one asks in Chinese, one in English."""
    from accounts.models import User
    from tests.cast import Player
    from tests.leaks.planted import _token_of

    def make(email: str, language: str) -> Person:
        user = User.objects.create(email=email, name=email.split("@")[0], password="!")
        return Person(Player(email, user, None, _token_of(user)[0]), language)

    return make("zhao@north.example", "zh-hans"), make("smith@south.example", "en")


def found(person: Person, operator: Person, facts: dict[str, Any]) -> str:
    """An organisation, asked to be verified and verified."""
    organisation = person("post", "/organisations/", facts)["id"]
    evidence = SimpleUploadedFile("licence.pdf", PDF, content_type="application/pdf")
    asked = person(
        "post", f"/organisations/{organisation}/verify/",
        {"evidence": evidence, "note": "Business licence"}, format="multipart",
    )  # fmt: skip
    operator("post", f"/verifications/{asked['id']}/approve/", {})
    assert person("get", f"/organisations/{organisation}/")["is_verified"]
    return str(organisation)


def test_from_two_newcomers_to_a_registered_contract(cast, newcomers, run_jobs, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    buyer, seller = newcomers
    operator, moderator = Person(cast.operator), Person(cast.moderator)
    registrar, visitor = Person(cast.registrar), Person(cast.visitor)

    north = found(buyer, operator, {
        "kind": "domestic_enterprise", "name_zh": "北方客车", "name_en": "Northern Buses",
        "country": "CN", "region": "230102", "registration_code": "91230100MA1TEXT1XB",
    })  # fmt: skip
    south = found(seller, operator, {
        "kind": "higher_education", "name_en": "Southern University", "name_zh": "南方大学",
        "country": "CN", "region": "440305", "registration_code": "12440300MA1TEXT2XD",
    })  # fmt: skip

    # posted, approved, matched
    need = buyer("post", "/needs/", {**NEED, "owner": north})
    technology = seller("post", "/technologies/", {**TECHNOLOGY, "owner": south})
    for person, kind, listing in (
        (buyer, "needs", need), (seller, "technologies", technology),
    ):  # fmt: skip
        assert person("post", f"/{kind}/{listing['id']}/submit/")["state"] == "in_review"
        moderator("post", f"/{kind}/{listing['id']}/approve/")
    run_jobs()
    assert visitor("get", "/needs/")["results"][0]["id"] == need["id"]

    # both interested
    for person in (buyer, seller):
        matches = person("get", "/matches/")["results"]
        assert len(matches) == 1
        person("post", f"/matches/{matches[0]['id']}/answer/", {"answer": "interested"})
    run_jobs()
    opened = buyer("get", "/introductions/")["results"]
    assert [row["id"] for row in opened] == [
        row["id"] for row in seller("get", "/introductions/")["results"]
    ]

    # contract drafted from the introduction, completed, submitted
    introduction = f"/introductions/{opened[0]['id']}/"
    drafted = seller("post", f"{introduction}draft-contract/", {"mode": "ordinary_licence"})
    contract = drafted["contract"]
    today = timezone.localdate()
    draft = seller("get", f"/contracts/{contract}/")
    names = {party["role"]: party["name"] for party in draft["parties"]}
    assert names["seller"] in ("Southern University", "南方大学")
    seller("patch", f"/contracts/{contract}/", {
        "title_en": draft["title_en"] or "Licence of an electrolyte", "type": "licence",
        "sub_type": "ordinary_licence", "ip_kind": "invention", "field": "new_energy",
        "signed_on": str(today - dt.timedelta(days=2)),
        "valid_from": str(today - dt.timedelta(days=2)),
        "valid_to": str(today + dt.timedelta(days=365)),
        "total_amount": "1200000.00", "payment_mode": "lump_sum",
        "registration_point": cast.point.public_id,
        "parties": [
            {"role": "seller", "organisation": south, "kind": "institution_university",
             "code": "12440300MA1TEXT2XD"},
            {"role": "buyer", "organisation": north, "kind": "enterprise_limited",
             "code": "91230100MA1TEXT1XB"},
        ],
    })  # fmt: skip
    seller(
        "post", f"/contracts/{contract}/files/",
        {"file": SimpleUploadedFile("signed.pdf", PDF + b"% 1", content_type="application/pdf"),
         "kind": "contract"}, format="multipart",
    )  # fmt: skip
    assert seller("post", f"/contracts/{contract}/submit/")["state"] == "submitted"

    # examined, registered, found by its number by anybody
    assert contract in [row["id"] for row in registrar("get", "/registrar/contracts/")["results"]]
    registrar("post", f"/registrar/contracts/{contract}/claim/")
    number = registrar("post", f"/registrar/contracts/{contract}/register/")["number"]
    assert len(number) == 16
    entry = visitor("get", f"/register/{number}/")
    assert entry["number"] == number and entry["type"] == "licence"
    run_jobs()
    kinds = {row["kind"] for row in buyer("get", "/notifications/")["results"]}
    assert any(kind.startswith("contract") for kind in kinds)
