"""Pages of the alliance board and of fees: by forms alone, in both languages, and closed doors."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.utils import timezone

from deals.models import BrokerageAgreement, CommissionStatement, Referral
from tests.cast import BACKEND
from tests.deals.alliance import factories, fees
from tests.deals.alliance.factories import SECRET

if TYPE_CHECKING:
    from accounts.models import User
    from tests.cast import Cast
    from tests.deals.alliance.factories import Allied

pytestmark = pytest.mark.django_db


@pytest.fixture
def group(cast: Cast) -> Allied:
    return factories.allied(cast)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def offered(group: Allied, **more: Any) -> dict[str, Any]:
    day = (timezone.localdate() + dt.timedelta(days=10)).isoformat()
    return {
        "alliance": group.alliance.public_id, "title": "Coating wanted", "words": "For 300 °C.",
        "seeks": "provider", "listing": "", "mode": "hand_over", "choice": "pick",
        "referring_percent": "40", "closing_percent": "60", "claim_by": day, "report_days": "30",
        **more,
    }  # fmt: skip


def test_from_a_case_to_a_shared_fee_by_forms_alone(cast: Cast, group: Allied) -> None:
    case = factories.client_case(cast)
    ours, theirs = cast.broker.client, client_of(group.second_user)
    page = text_of(ours.get(case.get_absolute_url()))
    assert f"/referrals/new/?case={case.public_id}" in page
    new = f"/referrals/new/?case={case.public_id}"
    assert 'value="40"' in text_of(ours.get(new))
    refused = ours.post(new, offered(group, closing_percent="59.99"))
    assert refused.status_code == 422 and "99.99%" in text_of(refused)
    assert "For 300 °C." in text_of(refused)  # nothing typed is lost
    for odd in ({"referring_percent": "forty"}, {"claim_by": "10000-01-01"},
                {"report_days": "9" * 30}, {"title": "a\x00b"}, {"listing": "\x00"}):  # fmt: skip
        assert ours.post(new, offered(group, **odd)).status_code == 422, odd
    assert ours.post(new, offered(group)).status_code == 302
    assert ours.post(new, offered(group)).status_code == 422  # two clicks
    referral = Referral.objects.get()
    address = referral.get_absolute_url()
    board = text_of(theirs.get("/referrals/"))
    assert "Coating wanted" in board and "40 : 60" in board
    page = text_of(theirs.get(address))
    assert "Agreement on sharing the fee" in page
    for hidden in (SECRET, "Kiln", "mei@kiln", case.docket, case.title):
        assert hidden not in page + board
    refused = theirs.post(f"{address}step/claim/", {"words": "We know the field."})
    assert refused.status_code == 422 and "We know the field." in text_of(refused)
    claimed = {"words": "We know the field.", "accepts_split": "on", "version": "1"}
    assert theirs.post(f"{address}step/claim/", claimed).status_code == 302
    stale = theirs.post(f"{address}step/report/", {"body": "Hello", "version": "1"})
    assert stale.status_code == 422
    claim = referral.claims.get().public_id
    told = ours.post(f"{address}step/confirm/", {"claim": claim, "version": "2"}, follow=True)
    assert "40 : 60" in text_of(told) and "SHA-256" in text_of(told)
    referral.refresh_from_db()
    assert referral.state == "carried" and referral.carried_case is not None
    own = text_of(theirs.get(referral.carried_case.get_absolute_url()))
    assert "Kiln Works" in own and SECRET not in own
    assert theirs.get(case.get_absolute_url()).status_code == 404
    assert theirs.post(f"{address}step/report/", {"body": "We met."}).status_code == 422
    met = {"body": "We met.", "version": str(referral.version)}
    assert theirs.post(f"{address}step/report/", met).status_code == 302
    assert "We met." in text_of(ours.get(address))
    assert "We met." not in text_of(client_of(group.third_user).get(address))
    referral.refresh_from_db()
    half = {"referring_percent": "50", "closing_percent": "50", "version": str(referral.version)}
    assert theirs.post(f"{address}step/split/", half).status_code == 302
    assert (
        ours.post(
            f"{address}step/accept-split/", {"number": factories.waiting(referral)}
        ).status_code
        == 302
    )
    assert "50 : 50" in text_of(theirs.get(address))
    assert ours.post(f"{address}step/accept-split/", {"number": "9" * 9}).status_code == 404
    referral.refresh_from_db()
    ended = {"body": "Signed.", "version": str(referral.version)}
    assert theirs.post(f"{address}step/end/", ended).status_code == 302
    assert ours.post(f"{address}step/nonsense/").status_code == 404


def tiers(*rows: tuple[str, str], **more: str) -> dict[str, str]:
    data = {
        "form-TOTAL_FORMS": str(len(rows)), "form-INITIAL_FORMS": "0", "client": "Kiln Works",
        "signed_on": "2026-03-01", "currency": "CNY", "due": "signing", "costs_cap": "2000", **more,
    }  # fmt: skip
    for place, (above, percent) in enumerate(rows):
        data |= {f"form-{place}-above": above, f"form-{place}-percent": percent}
    return data


def test_terms_and_a_statement_by_forms_alone(cast: Cast, group: Allied) -> None:
    referral = factories.carried(cast, group)
    case = referral.carried_case
    assert case is not None
    fees.won(cast, group, case)
    client = client_of(group.second_user)
    root = f"{case.get_absolute_url()}commission/"
    assert "No terms yet" in text_of(client.get(root))
    assert 'value="Kiln Works"' in text_of(client.get(f"{root}terms/"))
    more = client.post(f"{root}terms/", tiers(("0", "5"), add="1"))
    assert more.status_code == 200 and 'name="form-1-above"' in text_of(more)
    wrong = client.post(f"{root}terms/", tiers(("0", "5"), ("0", "101")))
    assert wrong.status_code == 422 and not BrokerageAgreement.objects.exists()
    wrong = client.post(f"{root}terms/", tiers(("5", "5"), ("2", "-3"), minimum="abc"))
    assert wrong.status_code == 422 and 'value="abc"' in text_of(wrong)
    wrong = client.post(f"{root}terms/", tiers(("5", "5"), ("2", "3")))
    assert wrong.status_code == 422 and "The first begins at 0" in text_of(wrong)
    saved = client.post(f"{root}terms/", tiers(("0", "5"), ("10万", "3"), ("", "")))
    assert saved.status_code == 302
    stale = client.post(f"{root}terms/", tiers(("0", "9"), version="7"))
    assert stale.status_code == 422 and "have changed" in text_of(stale)
    version = str(BrokerageAgreement.objects.get().version)
    wrong = client.post(root, {"costs": "2000.01", "costs_for": "Travel", "version": version})
    assert wrong.status_code == 422 and "At most 2,000.00 was agreed" in text_of(wrong)
    unseen = client.post(root, {"costs": "150.50", "costs_for": "=Travel"})
    assert unseen.status_code == 422 and not CommissionStatement.objects.exists()
    costs = {"costs": "150.50", "costs_for": "=Travel", "version": version}
    assert client.post(root, costs).status_code == 302
    row = CommissionStatement.objects.get()
    assert (row.fee, row.costs) == (5600, row.costs)
    address = row.get_absolute_url()
    page = text_of(client.get(address))
    for told in ("¥100,000.00", "¥5,000.00", "¥600.00", "¥5,750.50", "¥2,240.00", "¥3,360.00"):
        assert told in page, told
    assert cast.broker.client.get(address).status_code == 404  # a draft is nobody else's
    client.post(f"{address}step/approve/", {"version": "1"})
    row.refresh_from_db()
    assert row.is_draft  # not by whoever drafted it
    fees.approve_statement(actor=fees.second_owner(group.second), statement_id=row.pk)
    assert address in text_of(cast.broker.client.get(referral.get_absolute_url()))
    assert address not in text_of(client_of(group.third_user).get(referral.get_absolute_url()))
    shared = text_of(cast.broker.client.get(address))
    assert "¥2,240.00" in shared and case.docket not in shared and case.public_id not in shared
    lines = list(csv.DictReader(io.StringIO(
        b"".join(client.get(f"{address}csv/").streaming_content).decode("utf-8-sig")  # type: ignore[arg-type]
    )))  # fmt: skip
    parts = {line["step"]: line["amount"] for line in lines}
    assert parts["referring_part"] == "2240.00" and parts["total"] == "5750.50"
    assert next(line["words"] for line in lines if line["step"] == "costs") == "'=Travel"
    client.post(f"{address}step/reverse/", {"words": "Wrong contract."})
    back = CommissionStatement.objects.get(reverses=row)
    assert back.total == -row.total
    assert "See the reversal" not in text_of(cast.broker.client.get(address))
    assert client.post(f"{back.get_absolute_url()}step/discard/").status_code == 302
    assert CommissionStatement.objects.count() == 1


def test_everybody_else_meets_a_closed_door(cast: Cast, group: Allied) -> None:
    referral = factories.carried(cast, group)
    row = fees.approved(cast, group, referral)
    address, statement = referral.get_absolute_url(), row.get_absolute_url()
    root = f"{row.brokerage.case.get_absolute_url()}commission/"
    third = client_of(group.third_user)
    clients = {
        name: player.client for name, player in cast.everybody.items()
        if name not in ("broker", "visitor")
    }  # fmt: skip
    for name, client in clients.items():
        assert client.get(address).status_code == 404, name
        assert client.post(f"{address}step/report/", {"body": "x"}).status_code == 404
        assert client.get("/referrals/").status_code == 403, name
    for name, client in {**clients, "third": third}.items():
        for closed in (statement, f"{statement}csv/", root, f"{root}terms/"):
            assert client.get(closed).status_code == 404, (name, closed)
        assert client.post(f"{statement}step/approve/").status_code == 404
        case = referral.case.public_id
        if name != "third":
            assert client.get(f"/referrals/new/?case={case}").status_code == 404
    assert third.get(address).status_code == 200  # the board alone
    assert cast.visitor.client.get(address).status_code in (302, 401)
    assert cast.broker.client.get("/referrals/new/").status_code == 404
    assert cast.broker.client.get("/referrals/new/?case=%00").status_code == 404


def test_usual_terms_fill_new_referrals(cast: Cast, group: Allied) -> None:
    address = f"/referrals/alliances/{group.alliance.public_id}/terms/"
    assert client_of(group.second_user).get(address).status_code == 404
    assert cast.owner.client.get(address).status_code == 404
    lead = cast.broker.client
    given = {"referring_percent": "35.5", "claim_days": "20", "report_days": "15", "version": "0"}
    assert lead.post(address, {**given, "referring_percent": "100.01"}).status_code == 422
    assert lead.post(address, given).status_code == 302
    assert lead.post(address, given).status_code == 422  # another was quicker
    case = factories.client_case(cast)
    page = text_of(lead.get(f"/referrals/new/?case={case.public_id}"))
    assert 'value="35.50"' in page and 'value="64.50"' in page and 'value="15"' in page


def test_the_board_asks_as_much_for_many_as_for_few(
    cast: Cast, group: Allied, django_assert_num_queries: Any
) -> None:
    client = client_of(group.second_user)
    for _nth in range(2):
        factories.published(cast, group)
    client.get("/referrals/")
    with django_assert_num_queries(14):
        assert text_of(client.get("/referrals/")).count("Ceramic coating wanted") == 2
    for _nth in range(6):
        factories.published(cast, group)
    with django_assert_num_queries(14):
        assert text_of(client.get("/referrals/")).count("Ceramic coating wanted") == 8
