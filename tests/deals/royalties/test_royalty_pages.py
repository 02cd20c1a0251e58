"""Royalty statements by forms and by API, and who meets a closed door."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from deals.models import RoyaltyPeriod, RoyaltyStatement
from deals.people import cases_of
from tests.deals.royalties import factories

if TYPE_CHECKING:
    from tests.cast import Cast

pytestmark = pytest.mark.django_db
API = "/api/v1/royalties/"


def typed(period: RoyaltyPeriod, **facts: str) -> dict[str, str]:
    version = RoyaltyPeriod.objects.values_list("version", flat=True).get(pk=period.pk)
    return {"sales": "10万", "currency": "CNY", "version": str(version), **facts}


def test_from_due_to_accepted_by_forms_alone(cast: Cast) -> None:
    first, _second = factories.periods(cast)
    client = cast.outsider.client
    text = client.get("/royalties/").content.decode()
    assert first.get_absolute_url() in text and "you state" in text
    page = f"{first.get_absolute_url()}statement/"
    assert client.get(page).status_code == 200
    # worked out first: nothing is stored, and what was typed stands there yet
    told = client.post(page, typed(first, work_out="1", note="Bank 7"))
    text = told.content.decode()
    assert told.status_code == 200 and "¥5,000.00" in text and 'value="Bank 7"' in text
    assert not RoyaltyStatement.objects.exists()
    refused = client.post(page, typed(first, sales="-5", note="Bank 7"))
    text = refused.content.decode()
    assert refused.status_code == 422 and "id_sales_errors" in text and 'value="Bank 7"' in text
    for version in ("", "x", "9" * 30):
        stale = client.post(page, typed(first, version=version))
        assert stale.status_code == 422 and not RoyaltyStatement.objects.exists()
    data = typed(first, sales="150000")
    assert client.post(page, data).status_code == 302
    assert client.post(page, data).status_code == 422  # two clicks
    row = RoyaltyStatement.objects.get()
    text = client.get(first.get_absolute_url()).content.decode()
    assert "¥6,500.00" in text and "Accept the statement" not in text
    # the licensor asks, then accepts
    home = cast.colleague.client
    text = home.get(first.get_absolute_url()).content.decode()
    assert "Accept the statement" in text
    answer = {"version": "2", "statement": row.public_id}
    refused = home.post(f"{first.get_absolute_url()}query/", {**answer, "words": ""})
    assert refused.status_code == 422 and "Say what you ask" in refused.content.decode()
    long = home.post(f"{first.get_absolute_url()}query/", {**answer, "words": "w" * 1001})
    assert long.status_code == 422 and "w" * 1001 in long.content.decode()
    asked = home.post(f"{first.get_absolute_url()}query/", {**answer, "words": "And model B?"})
    assert asked.status_code == 302
    assert "And model B?" in client.get(first.get_absolute_url()).content.decode()
    again = client.get(page).content.decode()
    assert 'value="150,000"' in again and row.public_id in again
    data = typed(first, sales="160000", replaces=row.public_id, note="With model B")
    assert client.post(page, data).status_code == 302
    newest = RoyaltyStatement.objects.get(position=2)
    accept = {"version": "4", "statement": newest.public_id}
    home.post(f"{first.get_absolute_url()}accept/", {**accept, "version": ""})
    first.refresh_from_db()
    assert first.state == "submitted"
    home.post(f"{first.get_absolute_url()}accept/", accept)
    first.refresh_from_db()
    assert first.state == "accepted"
    text = home.get(first.get_absolute_url()).content.decode()
    assert "Earlier statements" in text and "And model B?" in text
    # from it a receipt is prefilled
    account = home.post("/income/open/", {"contract": first.contract.public_id})["Location"]
    text = home.get(first.get_absolute_url()).content.decode()
    link = f"{account}receipts/?purpose=royalty&amp;amount=6800.00&amp;currency=CNY&amp;reference="
    assert link in text
    form = home.get(f"{account}receipts/?amount=6800.00&reference={newest.public_id}")
    assert f'value="{newest.public_id}"' in form.content.decode()
    text = home.get(account).content.decode()
    assert 'id="royalties"' in text and first.get_absolute_url() in text


def test_doors(cast: Cast) -> None:
    period = factories.periods(cast)[0]
    row = factories.stated(cast, period)
    pages = ["", "statement/"]
    for player in (cast.rival, cast.registrar, cast.operator, cast.moderator, cast.newcomer,
                   cast.broker):  # fmt: skip
        for page in pages:
            assert player.client.get(f"{period.get_absolute_url()}{page}").status_code == 404
        for step in ("accept", "query"):
            told = player.client.post(f"{period.get_absolute_url()}{step}/", {"words": "?"})
            assert told.status_code == 404
        assert period.public_id not in player.client.get("/royalties/").content.decode()
        assert player.api.get(f"{API}{period.public_id}/").status_code == 404
        assert player.api.get(API).json()["results"] == []
    assert cast.visitor.client.get(period.get_absolute_url()).status_code == 302
    assert cast.owner.client.get(f"{period.get_absolute_url()}statement/").status_code == 403
    assert cast.owner.client.get("/royalties/0000000000/").status_code == 404
    assert cast.owner.client.get("/royalties/%00/").status_code == 404
    answer = cast.owner.client.get(period.get_absolute_url())
    assert answer["Cache-Control"] == "private, no-store"
    # the registrar of the contract's point reads the contract, but none of this
    assert row.public_id not in cast.registrar.client.get("/royalties/").content.decode()


def test_by_api(cast: Cast) -> None:
    first, second = factories.periods(cast)
    theirs, ours = cast.outsider.api, cast.owner.api
    one = f"{API}{first.public_id}/"
    told = theirs.get(one)
    assert told.json()["state"] == "due" and told.json()["statement"] is None
    facts = {"sales": "1000.00", "units": "12"}
    assert ours.post(f"{one}statements/", facts, format="json").status_code == 403
    for wrong in ({"sales": "-1"}, {"sales": "x"}, {}, {**facts, "currency": "EUR"},
                  {**facts, "note": "a\x00"}, {"sales": "1e400"}):  # fmt: skip
        refused = theirs.post(f"{one}statements/", wrong, format="json")
        assert refused.status_code == 400, wrong
    early = theirs.post(f"{API}{second.public_id}/statements/", facts, format="json")
    assert early.status_code == 409 and early.json()["code"] == "earlier_first"
    made = theirs.post(f"{one}statements/", facts, format="json", HTTP_IF_MATCH=told["ETag"])
    assert made.status_code == 201 and made.json()["statement"]["owed"] == "50.00"
    assert theirs.post(f"{one}statements/", facts, format="json").status_code == 409
    stale = theirs.post(f"{one}statements/", facts, format="json", HTTP_IF_MATCH=told["ETag"])
    assert stale.status_code == 412
    row = made.json()["statement"]["id"]
    assert theirs.post(f"{one}accept/", {"statement": row}, format="json").status_code == 403
    asked = ours.post(f"{one}query/", {"statement": row, "words": "Why?"}, format="json")
    assert asked.status_code == 200 and asked.json()["statement"]["words"] == "Why?"
    more = {**facts, "replaces": row, "note": "So"}
    made = theirs.post(f"{one}statements/", more, format="json")
    newest = made.json()["statement"]["id"]
    assert ours.post(f"{one}accept/", {"statement": row}, format="json").status_code == 412
    done = ours.post(f"{one}accept/", {"statement": newest}, format="json")
    assert done.json()["state"] == "accepted"
    assert [one["position"] for one in ours.get(f"{one}statements/").json()] == [2, 1]
    tokens: Any = cast.outsider.user.api_tokens  # type: ignore[union-attr]
    tokens.update(scopes=["income:read"])
    assert theirs.get(one).status_code == 200
    assert theirs.post(f"{one}statements/", facts, format="json").status_code == 403
    tokens.update(scopes=["contracts:read", "contracts:write"])
    assert theirs.get(one).status_code == 403


def test_what_somebody_wrote_is_part_of_its_data(cast: Cast) -> None:
    period = factories.accepted(cast, factories.periods(cast)[0])
    told = cases_of(cast.outsider.user.pk)  # type: ignore[union-attr]
    assert [one["period__public_id"] for one in told["royalty_statements"]] == [period.public_id]
    told = cases_of(cast.colleague.user.pk)  # type: ignore[union-attr]
    assert [one["verdict"] for one in told["royalty_answers"]] == ["accepted"]


@pytest.mark.parametrize("months", [3, 9])
def test_lists_by_literal_counts(
    cast: Cast, months: int, django_assert_max_num_queries: Any
) -> None:
    rows = factories.periods(cast, months=months)
    for period in rows:
        factories.accepted(cast, period)
    assert len(rows) == months // 3
    cast.owner.client.get("/royalties/")
    with django_assert_max_num_queries(13):
        assert cast.owner.client.get("/royalties/?state=accepted").status_code == 200
    with django_assert_max_num_queries(8):
        assert len(cast.owner.api.get(API).json()["results"]) == len(rows)


def test_the_words_of_an_empty_list(cast: Cast) -> None:
    assert (
        "No royalty statement is due yet" in cast.owner.client.get("/royalties/").content.decode()
    )
    factories.periods(cast)
    text = cast.owner.client.get("/royalties/?state=queried").content.decode()
    assert "No period in this state" in text
    assert cast.owner.client.get("/royalties/?state=%00&page=zzz").status_code == 200
