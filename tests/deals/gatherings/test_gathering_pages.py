"""Pages and endpoints of gatherings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from deals.actions import gathering_places as places
from deals.actions.gatherings import cancel_gathering
from deals.models import Gathering
from tests.deals.gatherings import factories

if TYPE_CHECKING:
    from tests.cast import Cast

pytestmark = pytest.mark.django_db
DOOR = "secret-door"
LIST, DESK, REGISTER = 2, 14, 13  # statements, however many rows


def _posted(**more: Any) -> dict[str, Any]:
    given = {name: value for name, value in factories.facts(**more).items() if value is not None}
    for name in ("starts_at", "ends_at"):
        if not isinstance(given[name], str):
            given[name] = timezone.localtime(given[name]).strftime("%Y-%m-%dT%H:%M")
    return given


def test_from_the_draft_to_the_end_by_pages(cast: Cast) -> None:
    broker = cast.broker.client
    assert cast.owner.client.get("/gatherings/desk/").status_code == 404
    assert cast.owner.client.get("/gatherings/new/").status_code == 404
    assert "Nothing held yet" in broker.get("/gatherings/desk/").content.decode()
    said = broker.post("/gatherings/new/", _posted())
    row = Gathering.objects.get()
    page = row.get_absolute_url()
    assert said.status_code == 302 and said.url == page  # type: ignore[attr-defined]
    assert cast.owner.client.get(page).status_code == 404
    assert "Only your institution sees it" in broker.get(page).content.decode()
    broker.post(f"{page}step/publish/", {"version": row.version})
    for client in (cast.visitor.client, cast.owner.client):
        shown = client.get(page).content.decode()
        assert row.title_en in shown and "2 places left" in shown and DOOR not in shown
        assert row.title_en in client.get("/gatherings/").content.decode()
    assert "Sign in to register" in cast.visitor.client.get(page).content.decode()
    assert "read by the institution" in cast.owner.client.get(page).content.decode()
    said = cast.owner.client.post(
        f"{page}step/take/", {"organisation": cast.home.public_id}, follow=True
    )
    assert "You are registered." in said.content.decode() and DOOR in said.content.decode()
    shown = cast.outsider.client.get(page).content.decode()
    assert "1 place left" in shown and "Lantern" not in shown
    register = broker.get(f"{page}register/").content.decode()
    assert str(cast.owner.user) in register and "Lantern Works" in register
    factories.over(Gathering.objects.get())
    place = row.places.get().public_id
    broker.post(f"{page}register/", {f"mark-{place}": "yes", f"was-{place}": ""})
    row.refresh_from_db()
    said = broker.post(f"{page}step/hold/", {"version": row.version}, follow=True)
    row.refresh_from_db()
    assert row.state == "held" and "Closed as held" in said.content.decode()
    assert row.title_en in cast.visitor.client.get("/gatherings/?part=past").content.decode()
    assert row.title_en not in cast.visitor.client.get("/gatherings/").content.decode()


def test_nothing_typed_is_lost(cast: Cast) -> None:
    odd: list[dict[str, Any]] = [
        {"starts_at": "10000-01-01T09:00"}, {"starts_at": "9999-12-31T23:59"},
        {"starts_at": "0001-01-01T00:00"}, {"starts_at": "soon"}, {"capacity": "many"},
        {"capacity": "9" * 40}, {"capacity": "-1"}, {"hours": "NaN"}, {"hours": "1e9"},
        {"region": "x"}, {"kind": "x"}, {"online": "", "place": ""}, {"words_zh": "a\x00b"},
    ]  # fmt: skip
    for wrong in odd:
        said = cast.broker.client.post("/gatherings/new/", {**_posted(), **wrong})
        assert said.status_code == 422, wrong
        assert "Two worked cases." in said.content.decode()
    assert not Gathering.objects.exists()


def test_an_old_page_changes_nothing(cast: Cast) -> None:
    row = factories.published(cast)
    page = row.get_absolute_url()
    for version in ("", "1", "old", "9" * 30):
        said = cast.broker.client.post(f"{page}edit/", _posted(place="Quay", version=version))
        assert said.status_code == 422 and "Quay" in said.content.decode(), version
        said = cast.broker.client.post(
            f"{page}step/cancel/", {"reason": "A flood", "version": version}
        )
        assert said.status_code == 422 and "A flood" in said.content.decode()
        assert cast.broker.client.post(f"{page}step/hold/", {"version": version}).status_code == 302
    fresh = Gathering.objects.get(pk=row.pk)
    assert (fresh.state, fresh.place, fresh.version) == ("published", row.place, row.version)
    edit = cast.broker.client.get(f"{page}edit/").content.decode()
    assert f'name="version" value="{row.version}"' in edit
    said = cast.broker.client.post(f"{page}edit/", _posted(place="Quay", version=row.version))
    assert said.status_code == 302
    assert cast.broker.client.post(f"{page}step/nothing/", {}).status_code == 404


def test_a_missing_reason_takes_no_newer_version(cast: Cast) -> None:
    """It was changed meanwhile: who forgot the reason is told of it all the same."""
    row = factories.published(cast)
    page, seen = f"{row.get_absolute_url()}step/cancel/", row.version
    Gathering.objects.filter(pk=row.pk).update(version=seen + 1)
    post = cast.broker.client.post
    said = post(page, {"reason": "", "version": seen})
    assert said.status_code == 422
    assert f'name="version" value="{seen}"' in said.content.decode()
    for old in (seen, "old"):
        said = post(page, {"reason": "A flood", "version": old})
        assert said.status_code == 422
        assert f'value="{seen + 1}" id="off_version"' in said.content.decode()
    assert Gathering.objects.get(pk=row.pk).state == "published"
    assert post(page, {"reason": "A flood", "version": seen + 1}).status_code == 302


def test_pages_of_the_institution_are_its_own(cast: Cast) -> None:
    row = factories.published(cast)
    factories.registered(row, cast.outsider.actor)
    page = row.get_absolute_url()
    for name, player in cast.everybody.items():
        if name == "broker":
            continue
        wanted = 302 if name == "visitor" else 404
        for part in ("edit/", "register/", "register/csv/"):
            assert player.client.get(f"{page}{part}").status_code == wanted, (name, part)
        assert player.api.get(f"/api/v1/gatherings/{row.public_id}/places/").status_code == 404
        shown = player.api.get(f"/api/v1/gatherings/{row.public_id}/").json()
        assert shown["capacity"] is None and shown["registered"] is None, name
        assert (shown["online"] is not None) == (name == "outsider"), name
        text = player.client.get(page).content.decode()
        assert (DOOR in text) == (name == "outsider"), name
        if name != "outsider":
            assert str(cast.outsider.user) not in text
    assert cast.broker.client.get(f"{page}register/").status_code == 200
    assert factories.drafted(cast).get_absolute_url()
    draft = factories.drafted(cast).get_absolute_url()
    assert cast.broker.client.get(f"{draft}register/").status_code == 404


def test_a_mark_that_another_made_meanwhile_stays(cast: Cast) -> None:
    row = factories.published(cast, capacity=None)
    first, second, third = (
        factories.registered(row, one.actor).public_id
        for one in (cast.owner, cast.outsider, cast.rival)
    )
    factories.running(row)
    broker = {"actor": cast.broker.actor, "gathering_id": row.pk}
    places.mark_attendance(**broker, marks={first: True})
    # the page was opened before that, and says of the first what it showed then
    posted = {f"mark-{first}": "", f"was-{first}": "", f"mark-{second}": "no", f"was-{second}": "",
              f"mark-{third}": "", f"was-{third}": ""}  # fmt: skip
    address = f"{row.get_absolute_url()}register/"
    cast.broker.client.post(address, posted)
    assert dict(row.places.values_list("public_id", "attended")) == {
        first: True, second: False, third: None
    }  # fmt: skip
    posted |= {f"mark-{second}": "no", f"was-{second}": "no", f"was-{first}": "yes",
               f"mark-{first}": "yes", "all": "1"}  # fmt: skip
    cast.broker.client.post(address, posted)
    assert dict(row.places.values_list("public_id", "attended")) == {
        first: True, second: False, third: True
    }  # fmt: skip
    places.mark_attendance(**broker, marks={third: None})
    shown = {f"mark-{third}": "", f"was-{third}": "", "all": "1"}
    places.mark_attendance(**broker, marks={third: False})  # while the page was open
    cast.broker.client.post(address, shown)
    assert row.places.get(public_id=third).attended is False
    odd = {"mark-": "yes", "mark-NOSUCHONE0": "yes", f"mark-{first}": "perhaps", "page": "x" * 50}
    assert cast.broker.client.post(address, odd).status_code == 302


def test_the_csv_holds_no_formula(cast: Cast) -> None:
    User.objects.filter(pk=cast.owner.user.pk).update(name="=HYPERLINK(1)")  # type: ignore[union-attr]
    cast.home.name_en = "+cmd"
    cast.home.save()
    row = factories.published(cast)
    factories.registered(row, cast.owner.actor, organisation=cast.home.public_id)
    answer = cast.broker.client.get(f"{row.get_absolute_url()}register/csv/")
    text = answer.getvalue().decode("utf-8-sig")  # type: ignore[attr-defined]
    header, line = text.splitlines()
    assert header == "name,organisation,state,attended,asked_on"
    assert line.startswith("'=HYPERLINK(1),'+cmd,registered,,")
    assert answer["Cache-Control"] == "private, no-store"


def test_an_entry_of_a_calendar(cast: Cast) -> None:
    row = factories.published(cast, title_en="A course; with, marks")
    factories.registered(row, cast.owner.actor)
    address = f"{row.get_absolute_url()}calendar.ics"
    for player, sees in ((cast.visitor, False), (cast.owner, True), (cast.broker, True)):
        answer = player.client.get(address)
        assert answer["Content-Type"] == "text/calendar; charset=utf-8"
        text = answer.content.decode().replace("\r\n ", "")
        assert f"DTSTART:{row.starts_at:%Y%m%dT%H%M%SZ}" in text
        assert f"DTEND:{row.ends_at:%Y%m%dT%H%M%SZ}" in text
        assert r"SUMMARY:A course\; with\, marks" in text
        assert (DOOR in text) is sees, player


def test_lists_are_narrowed(cast: Cast) -> None:
    factories.published(cast, title_en="Course in Shenzhen")
    factories.published(cast, title_en="Fair in Wuhan", kind="fair", hours=None, region="420100")
    client = cast.visitor.client
    for query, shenzhen, wuhan in (
        ("", True, True), ("?kind=fair", False, True), ("?region=440000", True, False),
        ("?region=420000&kind=training", False, False), ("?kind=x&region=%00&part=x", True, True),
        ("?page=99", True, True), ("?part=past", False, False),
    ):  # fmt: skip
        text = client.get(f"/gatherings/{query}").content.decode()
        assert ("Course in Shenzhen" in text) is shenzhen, query
        assert ("Fair in Wuhan" in text) is wuhan, query
    assert "Show all" in client.get("/gatherings/?region=420000&kind=training").content.decode()
    api = cast.visitor.api
    rows = api.get("/api/v1/gatherings/", {"kind": "fair"}).json()["results"]
    assert [row["title_en"] for row in rows] == ["Fair in Wuhan"]
    assert api.get("/api/v1/gatherings/", {"kind": "x"}).status_code == 400


def test_by_api_from_the_draft_to_the_end(cast: Cast) -> None:
    api = cast.broker.api
    given = factories.facts()
    made = api.post("/api/v1/gatherings/", given, format="json")
    assert made.status_code == 201, made.json()
    address = f"/api/v1/gatherings/{made.json()['id']}/"
    assert api.patch(address, {"capacity": 1}, format="json").json()["capacity"] == 1
    stale = api.patch(address, {"capacity": 5}, format="json", headers={"If-Match": '"1"'})
    assert stale.status_code == 412
    odd: list[dict[str, Any]] = [
        {"starts_at": "9999-12-31T23:59:59-12:00"}, {"starts_at": None}, {"hours": "NaN"},
        {"capacity": 10**20}, {"kind": "x"}, {"title_en": "", "title_zh": ""},
    ]  # fmt: skip
    for wrong in odd:
        assert api.patch(address, wrong, format="json").status_code == 400, wrong
    assert cast.owner.api.post(f"{address}publish/").status_code == 404
    assert api.post(f"{address}publish/").json()["state"] == "published"
    first = cast.owner.api.post(
        f"{address}register/", {"organisation": cast.home.public_id}, format="json"
    ).json()
    assert first["state"] == "registered"
    assert cast.outsider.api.post(f"{address}register/").json()["state"] == "waiting"
    assert cast.outsider.api.get(address).json()["my_place"] == "waiting"
    assert cast.outsider.api.get(address).json()["online"] is None
    assert cast.owner.api.get(address).json()["online"].endswith(DOOR)
    assert cast.visitor.api.get(address).json()["places_left"] == 0
    assert cast.owner.api.post(f"{address}give-back/").json()["state"] == "cancelled"
    rows = api.get(f"{address}places/").json()["results"]
    assert [(row["state"], row["name"]) for row in rows] == [
        ("registered", str(cast.outsider.user))
    ]
    marks = {"marks": [{"place": rows[0]["id"], "attended": True}]}
    assert api.post(f"{address}attendance/", marks, format="json").status_code == 409
    factories.over(Gathering.objects.get())
    assert api.post(f"{address}attendance/", marks, format="json").json() == {"changed": 1}
    assert cast.owner.api.post(f"{address}hold/").status_code == 403
    assert api.post(f"{address}hold/").json()["state"] == "held"
    assert api.delete(address).status_code == 409


@pytest.mark.parametrize("number", [1, 12])
def test_lists_ask_a_fixed_number_of_times(
    cast: Cast, number: int, django_assert_num_queries: Any
) -> None:
    for _each in range(number):
        row = factories.published(cast)
        factories.registered(row, cast.owner.actor, organisation=cast.home.public_id)
    with django_assert_num_queries(LIST):
        cast.visitor.client.get("/gatherings/")
    cast.broker.client.get("/gatherings/desk/")
    with django_assert_num_queries(DESK):
        cast.broker.client.get("/gatherings/desk/")
    row = factories.published(cast, capacity=None)
    from accounts.queries import actor_for
    from tests.accounts.factories import person_in

    for _each in range(number):
        person = person_in(cast.home, "editor")
        factories.registered(row, actor_for(person, "en"), organisation=cast.home.public_id)
    with django_assert_num_queries(REGISTER):
        cast.broker.client.get(f"{row.get_absolute_url()}register/")


def test_an_account_shows_the_way(cast: Cast) -> None:
    assert "/gatherings/qualification/" in cast.broker.client.get(reverse("desk")).content.decode()
    page = cast.owner.client.get(reverse("qualifications")).content.decode()
    assert "/gatherings/qualification/" in page
    assert "/gatherings/" in cast.visitor.client.get(reverse("institutions")).content.decode()


def test_the_sitemap_holds_what_a_visitor_sees(cast: Cast) -> None:
    shown, draft, off = (
        factories.published(cast),
        factories.drafted(cast),
        factories.published(cast),
    )
    cancel_gathering(actor=cast.broker.actor, gathering_id=off.pk, reason="Storm")
    listed = cast.broker.client.get("/sitemap-gatherings-1.xml").content.decode()
    assert shown.public_id in listed
    assert draft.public_id not in listed and off.public_id not in listed
