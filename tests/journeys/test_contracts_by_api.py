"""A contract from draft to end by API alone, each person with a token of a narrow scope."""

import datetime as dt
import hashlib
import io
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.actions.tokens import new_secret
from accounts.models import ApiToken
from accounts.queries.tokens import digest
from contracts.actions.certificates import settings_for
from contracts.certificates.keys import make_key_file
from tests.cast import Cast
from tests.contracts import factories

pytestmark = pytest.mark.django_db
API = "/api/v1"


class Token:
    """A token of one scope. `token("post", path, ...)` is answered; `token.no(...)` is refused."""

    def __init__(self, user: Any, *scopes: str) -> None:
        secret = new_secret()
        ApiToken.objects.create(
            user=user, name="journey", prefix=secret[:9], digest=digest(secret),
            scopes=list(scopes), expires_at=timezone.now() + dt.timedelta(days=1),
        )  # fmt: skip
        self.client = APIClient()
        self.client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")

    def ask(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        more.setdefault("format", "json")
        return getattr(self.client, method)(API + path, body, **more)

    def __call__(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        answer = self.ask(method, path, body, **more)
        assert answer.status_code < 300, f"{method} {path}: {answer.status_code} {answer.content!r}"
        return answer.json()

    def no(self, method: str, path: str, body: Any = None, **more: Any) -> tuple[int, str]:
        """The status and the code of a refusal, which says in words what to do."""
        answer = self.ask(method, path, body, **more)
        problem = answer.json()
        assert answer["Content-Type"].startswith("application/problem+json"), answer
        assert problem["title"] or problem["detail"], problem
        return answer.status_code, problem["code"]


@pytest.fixture(autouse=True)
def _place(settings: Any, tmp_path: Path, cast: Cast) -> None:
    cache.clear()
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.SEAL_KEYS_DIR = str(tmp_path / "keys")
    make_key_file(settings_for(cast.point).code)


@pytest.fixture
def party(cast: Cast) -> Token:
    return Token(cast.colleague.user, "contracts:read", "contracts:write")


@pytest.fixture
def registrar(cast: Cast) -> Token:
    return Token(cast.registrar.user, "registrar:write")


def licence(cast: Cast, **values: Any) -> dict[str, Any]:
    """A licence to Norway, for an upfront fee and a falling royalty."""
    today = timezone.localdate()
    return {
        "organisation": cast.home.public_id, "type": "licence", "sub_type": "know_how_licence",
        "ip_kind": "know_how", "title_en": "Licence of a low-temperature electrolyte",
        "field": "new_energy", "signed_on": str(today), "valid_to": str(today.replace(day=1)
        + dt.timedelta(days=800)), "total_amount": "6200000.00",
        "payment_mode": "upfront_royalty", "registration_point": cast.point.public_id,
        "parties": [
            {"role": "seller", "organisation": cast.home.public_id, "kind": "enterprise_limited"},
            {"role": "buyer", "name": "Fjord Cells AS", "kind": "abroad", "country": "NO"},
        ],
        "deductions": [{"kind": "instruments", "amount": "200000.00"}],
        "instalments": [{"event": "first statement", "amount": "1200000.00"}],
        "royalty": {
            "base": "sales", "rate_kind": "falling", "entry_fee": "5000000.00",
            "reporting": "quarter",
            "steps": [{"rate": "5"}, {"from_amount": "20000000.00", "rate": "3.5"}],
        },
        **values,
    }  # fmt: skip


def test_the_way_to_a_certificate_and_to_its_second_edition(
    cast: Cast, party: Token, registrar: Token, run_jobs: Any, tmp_path: Path
) -> None:
    call_command("load_catalogue", samples=True, stdout=io.StringIO())
    reader = Token(cast.colleague.user, "contracts:read")
    visitor = cast.visitor.api

    # drafted: only with the right to write, only for one's own organisation
    assert reader.no("post", "/contracts/", licence(cast)) == (403, "scope_missing")
    assert registrar.no("get", "/contracts/") == (403, "scope_missing")
    foreign = licence(cast, organisation=cast.rivals.public_id)
    assert party.no("post", "/contracts/", foreign) == (400, "invalid")
    short = licence(cast, instalments=[{"event": "x", "amount": "1.00"}], title_en="")
    draft = party("post", "/contracts/", short)
    own, work = f"/contracts/{draft['id']}/", f"/registrar/contracts/{draft['id']}/"
    assert set(draft["missing"]) == {"files", "title_zh"}
    assert party.no("post", f"{own}submit/") == (400, "incomplete")
    assert registrar.no("post", f"{work}claim/") == (404, "not_found")
    wanted = licence(cast)
    seen = party.ask("get", own)["ETag"]
    changed = party(
        "patch", own, {"title_en": wanted["title_en"], "instalments": wanted["instalments"]},
        HTTP_IF_MATCH=seen,
    )  # fmt: skip
    assert party.no("patch", own, {"title_en": "x"}, HTTP_IF_MATCH=seen) == (412, "stale_version")
    assert changed["technology_amount"] == "6000000.00" and "title_zh" not in changed["missing"]
    assert changed["schedule"][0]["amount"] == "5000000.00"
    stranger = Token(cast.rival.user, "contracts:read", "contracts:write")
    assert stranger.no("get", own) == (404, "not_found")
    party("post", f"{own}files/", {"file": factories.pdf()}, format="multipart")
    assert party("post", f"{own}submit/")["state"] == "submitted"
    assert party.no("post", f"{own}submit/")[0] == 409
    assert party.no("patch", own, {"title_en": "x"}) == (409, "wrong_state")
    run_jobs()

    # examined: claimed once, returned, asked about
    assert party.no("post", f"{work}claim/") == (403, "scope_missing")
    registrar("post", f"{work}claim/")
    second = Token(factories.second_registrar(cast), "registrar:write")
    assert second.no("post", f"{work}claim/") == (409, "wrong_state")
    assert second.no("post", f"{work}register/") == (403, "not_your_file")
    assert registrar.no("post", f"{work}return/", {"remarks": {"colour": "x"}})[0] == 400
    back = registrar("post", f"{work}return/", {"remarks": {"valid_to": "As the text says?"}})
    assert back["state"] == "returned" and back["days_left"] is not None
    assert registrar.no("post", f"{work}register/") == (409, "wrong_state")
    party("post", f"{own}submit/")
    run_jobs()
    registrar("post", f"{work}claim/")
    question = registrar("post", f"{work}questions/", {"words": "Is a licence at hand?"})
    answers = f"{own}questions/{question['id']}/answers/"
    assert reader.no("post", answers, {"words": "Yes."}) == (403, "scope_missing")
    assert party.no("post", answers, {"words": " "})[0] == 400

    # held by its hit and by the question, then by the second review
    hits = party("get", f"{own}screening/")["hits"]
    assert [hit["code"] for hit in hits] == ["SX-0201"] and hits[0]["holds"]
    held = registrar.no("post", f"{work}register/", {"without_answer": True})
    assert held == (409, "screening_holds"), held
    decided = {
        "outcome": "licensed", "words": "Shown.", "licence_number": "SX-17",
        "licence_by": "Commerce bureau", "licence_on": str(timezone.localdate()),
    }  # fmt: skip
    hit = f"{work}hits/{hits[0]['id']}/"
    assert second.no("post", hit, decided) == (403, "not_your_file")
    assert registrar.no("post", hit, {**decided, "licence_number": ""})[0] == 400
    assert registrar("post", hit, decided)["is_clear"]
    assert registrar.no("post", f"{work}register/") == (400, "question_open")
    answered = party("post", answers, {"words": "Yes, SX-17."})
    assert not answered["open"]
    assert registrar("post", f"{work}register/")["state"] == "second_review"
    assert registrar.no("post", f"{work}second-approve/") == (403, "same_person")
    done = second("post", f"{work}second-approve/")
    assert second.no("post", f"{work}second-approve/") == (409, "wrong_state")
    assert registrar.no("post", f"{work}register/") == (409, "wrong_state")
    assert party.no("patch", own, {"title_en": "x"}) == (409, "registered")

    # certified, and checked by anybody
    assert reader.no("get", f"{own}certificate/")[0] == 404  # not made yet
    run_jobs()
    made = reader("get", f"{own}certificate/")
    file = tmp_path / "certificate.pdf"
    file.write_bytes(b"".join(reader.ask("get", f"{own}certificate/content/").streaming_content))
    said = io.StringIO()
    call_command("verify_certificate", str(file), stdout=said)
    assert said.getvalue().startswith("GENUINE:") and done["number"] in said.getvalue()
    asked = f"{API}/register/{done['number']}/certificate/"
    given = {"code": made["code"], "sha256": hashlib.sha256(file.read_bytes()).hexdigest()}
    checked = visitor.get(asked, given).json()
    assert (checked["valid"], checked["genuine"], checked["edition"]) == (True, True, 1)
    assert visitor.get(asked, {"code": "AAAABBBBCCCC"}).status_code == 404

    # amended: one amendment at a time; the first edition ends with the second
    assert reader.no("post", f"{own}amend/") == (403, "scope_missing")
    amendment = party("post", f"{own}amend/")
    assert party("post", f"{own}amend/")["id"] == amendment["id"]
    new, at_desk = f"/contracts/{amendment['id']}/", f"/registrar/contracts/{amendment['id']}/"
    party("patch", new, {
        "total_amount": "1400000.00",
        "royalty": {**wanted["royalty"], "entry_fee": "200000.00"},
    })  # fmt: skip
    party("post", f"{new}files/", {"file": factories.pdf()}, format="multipart")
    party("post", f"{new}submit/")
    run_jobs()
    registrar("post", f"{at_desk}claim/")
    for one in party("get", f"{new}screening/")["hits"]:
        if one["decision"] is None:
            registrar("post", f"{at_desk}hits/{one['id']}/", decided)
    assert registrar("post", f"{at_desk}register/")["number"] == done["number"]
    run_jobs()
    assert party("get", own)["state"] == "amended"
    newer = reader("get", f"{new}certificate/")
    assert newer["code"] != made["code"]
    old = visitor.get(asked, {"code": made["code"]}).json()
    assert (old["valid"], old["state"]) == (False, "amended")
    assert visitor.get(asked, {"code": newer["code"]}).json()["valid"]


@pytest.mark.parametrize("kind", ["cancel", "revoke"])
def test_a_registration_ends_once_and_by_who_may(
    cast: Cast, party: Token, registrar: Token, run_jobs: Any, kind: str
) -> None:
    contract = factories.registered(cast)
    run_jobs()
    own, work = (f"/{part}contracts/{contract.public_id}/" for part in ("", "registrar/"))
    reader = Token(cast.colleague.user, "contracts:read")
    buyer = Token(cast.outsider.user, "contracts:read", "contracts:write")
    words = {"words": "Rescinded by both." if kind == "cancel" else "False statements."}
    assert reader.no("post", f"{own}cancel/", words) == (403, "scope_missing")
    assert buyer.no("post", f"{own}cancel/", words) == (403, "not_the_registrant")
    assert party.no("post", f"{own}cancel/", {"words": " "})[0] == 400
    assert party.no("post", f"{work}revoke/", words) == (403, "scope_missing")
    stale = {"HTTP_IF_MATCH": f'"{contract.public_id}:1"'}
    if kind == "cancel":
        assert party.no("post", f"{own}cancel/", words, **stale) == (412, "stale_version")
        ended = party("post", f"{own}cancel/", words)
    else:
        assert registrar.no("post", f"{work}revoke/", words, **stale) == (412, "stale_version")
        ended = registrar("post", f"{work}revoke/", words)
    assert ended["state"] == {"cancel": "cancelled", "revoke": "revoked"}[kind]
    assert registrar.no("post", f"{work}revoke/", words) == (409, "wrong_state")
    assert party.no("post", f"{own}amend/")[0] == 409
    run_jobs()
    code = reader("get", f"{own}certificate/")["code"]
    entry = cast.visitor.api.get(
        f"{API}/register/{contract.number}/certificate/", {"code": code}
    ).json()
    assert not entry["valid"] and entry["state"] == ended["state"]
