"""Settings of an institution: who changes and reads them, and what they fill in."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from accounts.models import Membership
from deals.actions import centres as actions
from deals.actions.alliance_terms import set_alliance_terms
from deals.actions.centres import set_people, set_usual_prices, set_usual_split
from deals.models import BrokerageAgreement, CentreSettings
from deals.people import forget
from deals.queries.centres import settings_of
from events.models import Event
from marketplace.core.errors import Invalid, NotFound, Refused, Stale
from tests.deals.alliance import factories as alliances
from tests.deals.alliance import fees
from tests.deals.cases.factories import opened
from tests.deals.centres.factories import (
    TEXTS,
    client_of,
    colleague,
    decided,
    own_nda,
    percent,
    prices,
    scheme_facts,
    today,
    written,
)

if TYPE_CHECKING:
    from tests.cast import Cast

pytestmark = pytest.mark.django_db
D = Decimal


def steps(cast: Cast) -> dict[str, Any]:
    """Every step, as actor -> result."""
    house = {"organisation_id": cast.tti.pk}
    return {
        "prices": lambda actor, **more: set_usual_prices(
            actor=actor, facts=prices(), **house, **more
        ),
        "split": lambda actor, **more: set_usual_split(
            actor=actor, referring_percent=D(30), **house, **more
        ),
        "people": lambda actor, **more: set_people(actor=actor, takers="all", **house, **more),
        "nda": lambda actor, **more: actions.write_nda(actor=actor, texts=TEXTS, **house, **more),
        "platform": lambda actor, **more: actions.use_platform_nda(actor=actor, **house, **more),
    }


def test_owners_change_colleagues_read_and_nobody_else_finds_it(cast: Cast) -> None:
    user, broker = colleague(cast)
    _editor, editor = colleague(cast, "editor")
    for name, step in steps(cast).items():
        for actor in (broker, editor):
            with pytest.raises(Refused) as refused:
                step(actor)
            assert refused.value.code == "owners_only", name
        for player in (cast.owner, cast.outsider, cast.newcomer, cast.operator, cast.registrar):
            with pytest.raises(NotFound):
                step(player.actor)
        assert not CentreSettings.objects.filter(version__gt=0).exists()
    for step in steps(cast).values():
        assert step(cast.broker.actor)
    # a former owner: as an outsider, whatever the actor knew before
    Membership.objects.filter(user=cast.broker.user).update(roles=["broker"])
    for step in steps(cast).values():
        with pytest.raises(Refused):
            step(cast.broker.fresh())
    Membership.objects.filter(user=cast.broker.user).delete()
    for step in steps(cast).values():
        with pytest.raises(NotFound):
            step(cast.broker.fresh())
    root = f"/centres/{cast.tti.public_id}/"
    assert cast.broker.client.get(root).status_code == 404
    assert client_of(user).get(root).status_code == 200
    for page in ("prices/", "split/", "people/", "nda/"):
        assert client_of(user).get(root + page).status_code == 403, page
        assert client_of(user).post(root + page).status_code == 403, page
        assert cast.owner.client.get(root + page).status_code == 404, page
    assert cast.owner.client.get("/centres/").status_code == 404
    assert cast.home.kind != "tti"  # and a house that is none has no settings
    assert cast.owner.client.get(f"/centres/{cast.home.public_id}/").status_code == 404


def test_another_institution_reads_and_changes_its_own(cast: Cast) -> None:
    group = alliances.allied(cast)
    set_usual_prices(actor=cast.broker.actor, organisation_id=cast.tti.pk, facts=prices())
    for step in steps(cast).values():
        with pytest.raises(NotFound):
            step(group.second_broker)
    client = client_of(group.second_user)
    assert client.get(f"/centres/{cast.tti.public_id}/").status_code == 404
    assert client.get("/centres/").url.endswith(f"{group.second.public_id}/")  # type: ignore[attr-defined]
    assert not settings_of(group.second.pk).has_prices


def test_an_older_version_is_stale(cast: Cast) -> None:
    actor = cast.broker.actor
    for name, step in steps(cast).items():
        before = settings_of(cast.tti.pk).version
        step(actor, expected_version=before)
        if name != "platform":
            assert settings_of(cast.tti.pk).version == before + 1
        with pytest.raises(Stale):
            step(actor, expected_version=before)
    rows = Event.objects.filter(kind="centre.settings_changed").order_by("id")
    assert [row.data["section"] for row in rows] == ["prices", "split", "people", "nda", "nda"]
    told = " ".join(str(row.data) for row in rows)
    assert "2.5" not in told and "keeps it" not in told


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"minimum": D(-1)}, "minimum"),
        ({"minimum": D("1.001")}, "minimum"),
        ({"cap": D("1E+20")}, "cap"),
        ({"cap": D(1)}, "cap"),
        ({"costs_cap": D("NaN")}, "costs_cap"),
        ({"currency": "XXX"}, "currency"),
        ({"currency": "JPY", "minimum": D("1.50")}, "minimum"),
        ({"due": "never"}, "due"),
        ({"tiers": [{"above": D(1), "percent": D(1)}]}, "tiers.0.above"),
        ({"tiers": [{"above": D(0), "percent": D(101)}]}, "tiers.0.percent"),
        ({"tiers": [{"above": D(0), "percent": D("1.00001")}]}, "tiers.0.percent"),
        ({"tiers": [{"above": D(0), "percent": D(1)}] * 11}, "tiers"),
        ({"tiers": []}, "tiers"),  # limits without a price
    ],
)
def test_each_fault_of_prices_stands_at_its_field(
    cast: Cast, wrong: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        set_usual_prices(
            actor=cast.broker.actor, organisation_id=cast.tti.pk, facts=prices(**wrong)
        )
    assert field in refused.value.fields
    assert not settings_of(cast.tti.pk).has_prices


@pytest.mark.parametrize("part", [D(-1), D("100.01"), D("1.001"), D("NaN"), 40.0])
def test_each_fault_of_the_split(cast: Cast, part: Any) -> None:
    with pytest.raises(Invalid):
        set_usual_split(
            actor=cast.broker.actor, organisation_id=cast.tti.pk, referring_percent=part
        )


def test_each_fault_of_people(cast: Cast) -> None:
    editor, _actor = colleague(cast, "editor")
    for wrong, field in (
        ({"takers": "friends"}, "takers"),
        ({"takers": "named"}, "people"),
        ({"takers": "named", "people": [cast.owner.user.pk]}, "people"),
        ({"takers": "named", "people": [editor.pk]}, "people"),
        ({"takers": "named", "people": [0]}, "people"),
        ({"pipeline_code": "nowhere"}, "pipeline"),
        ({"reading": "half"}, "reading"),
    ):  # fmt: skip
        with pytest.raises(Invalid) as refused:
            decided(cast, **wrong)
        assert list(refused.value.fields) == [field]


# --- What they fill in ---------------------------------------------------------------------------


def test_usual_prices_fill_in_the_terms_of_a_new_case_and_change_nothing_that_stands(
    cast: Cast,
) -> None:
    old, new = opened(cast), opened(cast)
    fees.agreed(cast.broker.actor, old)
    before = BrokerageAgreement.objects.values().get(case=old)
    set_usual_prices(actor=cast.broker.actor, organisation_id=cast.tti.pk, facts=prices())
    page = cast.broker.client.get(f"{new.get_absolute_url()}commission/terms/").content.decode()
    assert "institution’s usual prices" in page
    for value in ("1,000,000", "2.5", "8,000", "300,000", "5,000"):
        assert f'value="{value}"' in page, value
    assert re.search(r'value="receipts"[^>]*checked', page)
    there = cast.broker.client.get(f"{old.get_absolute_url()}commission/terms/").content.decode()
    assert 'value="100,000"' in there and "usual prices" not in there
    assert BrokerageAgreement.objects.values().get(case=old) == before
    # taken away again
    none = {"currency": "CNY", "tiers": []}
    set_usual_prices(actor=cast.broker.actor, organisation_id=cast.tti.pk, facts=none)
    page = cast.broker.client.get(f"{new.get_absolute_url()}commission/terms/").content.decode()
    assert "usual prices" not in page and 'value="1,000,000"' not in page


def test_the_split_of_the_alliance_comes_before_the_institutions(cast: Cast) -> None:
    group = alliances.allied(cast)
    case = opened(cast)
    address = f"/referrals/new/?case={case.public_id}"
    client = cast.broker.client
    page = client.get(address).content.decode()
    assert 'value="40"' in page and "the platform proposes" in page
    set_usual_split(
        actor=cast.broker.actor, organisation_id=cast.tti.pk, referring_percent=D("27.5")
    )
    page = client.get(address).content.decode()
    assert 'value="27.50"' in page and 'value="72.50"' in page
    assert "usual split of your institution" in page
    set_alliance_terms(
        actor=cast.broker.actor, alliance_id=group.alliance.pk, referring_percent=D(35),
        claim_days=10, report_days=20,
    )  # fmt: skip
    page = client.get(address).content.decode()
    assert 'value="35.00"' in page and "usual terms of Delta Alliance" in page


# --- Pages ---------------------------------------------------------------------------------------


def posted(**more: Any) -> dict[str, Any]:
    return {
        "currency": "CNY", "due": "signing", "minimum": "", "cap": "", "costs_cap": "",
        "form-TOTAL_FORMS": "2", "form-INITIAL_FORMS": "0", "form-0-above": "0",
        "form-0-percent": "5", "form-1-above": "100万", "form-1-percent": "3", "version": "0",
        **more,
    }  # fmt: skip


def test_prices_by_the_form_alone(cast: Cast) -> None:
    client, root = cast.broker.client, f"/centres/{cast.tti.public_id}/"
    assert "None. The terms of each case begin empty." in client.get(root).content.decode()
    assert client.get(root + "prices/").status_code == 200
    more = client.post(root + "prices/", posted(add="1", cap="typed"))
    assert more.status_code == 200
    assert 'name="form-2-above"' in more.content.decode() and "typed" in more.content.decode()
    for wrong, word in (
        ({"form-1-percent": "abc"}, "abc"), ({"form-1-above": "0"}, "The first begins at 0"),
        ({"version": ""}, "have changed since"), ({"version": "7"}, "have changed since"),
        ({"minimum": "9", "cap": "8"}, "not below the least"), ({"form-0-percent": ""}, "0 to 100"),
        ({"form-TOTAL_FORMS": "x"}, ""), ({"currency": "\x00"}, ""), ({"version": "9" * 40}, ""),
    ):  # fmt: skip
        answer = client.post(root + "prices/", posted(**wrong))
        assert answer.status_code == 422 and word in answer.content.decode(), wrong
    assert client.post(root + "prices/", posted()).url == root  # type: ignore[attr-defined]
    page = client.get(root).content.decode()
    assert "1,000,000" in page and "3%" in page
    # a page that is old is refused, brings what is typed back and can then be meant
    stale = client.post(root + "prices/", posted(minimum="77"))
    text = stale.content.decode()
    assert stale.status_code == 422 and 'value="77"' in text
    assert 'name="version" value="1"' in text
    none = {"form-0-percent": "", "form-1-above": "", "form-1-percent": "", "version": "1"}
    assert client.post(root + "prices/", posted(**none)).status_code == 302
    assert not settings_of(cast.tti.pk).has_prices


def test_people_split_and_agreement_by_forms(cast: Cast) -> None:
    user, _actor = colleague(cast)
    client, root = cast.broker.client, f"/centres/{cast.tti.public_id}/"
    case = opened(cast)
    given = {"takers": "named", "people": [user.public_id], "pipeline": "otl", "reading": "own",
             "version": "0"}  # fmt: skip
    answer = client.post(root + "people/", {**given, "people": []})
    assert answer.status_code == 422 and "at least one person" in answer.content.decode()
    answer = client.post(root + "people/", {**given, "people": [cast.owner.user.public_id]})
    assert answer.status_code == 422
    assert client.post(root + "people/", given).status_code == 302
    assert client.post(root + "people/", given).status_code == 422  # twice: an older version
    page = client.get(root).content.decode()
    assert "Lin Lan" in page and case.docket in page and "no longer fits" in page
    reader = client_of(user).get(root).content.decode()
    assert "no longer fits" not in reader and case.docket not in reader and "Change" not in reader
    row = settings_of(cast.tti.pk)
    assert (row.takers, row.pipeline, row.reading, row.version) == ("named", "otl", "own", 1)
    for value, status in (("101", 422), ("abc", 422), ("33.33", 302)):
        answer = client.post(root + "split/", {"referring_percent": value, "version": "1"})
        assert answer.status_code == status
    assert "33.33%" in client.get(root).content.decode()
    texts = {**TEXTS, "version": "2"}
    answer = client.post(root + "nda/", {**texts, "text_en": ""})
    assert answer.status_code == 422 and "甲方保密" in answer.content.decode()
    assert client.post(root + "nda/", texts).status_code == 302
    made = settings_of(cast.tti.pk).nda
    assert made
    again = client.get(root + "nda/").content.decode()
    assert "1. A keeps it." in again
    read = client_of(user).get(f"{root}nda/{made.public_id}/")
    assert "<p>1. A keeps it.</p>" in read.content.decode()
    assert cast.owner.client.get(f"{root}nda/{made.public_id}/").status_code == 404
    assert client.get(f"{root}nda/0000000000/").status_code == 404
    answer = client.post(root + "nda/platform/", {"version": ""}, follow=True)
    assert "have changed since" in answer.content.decode() and settings_of(cast.tti.pk).nda
    client.post(root + "nda/platform/", {"version": "3"})
    assert settings_of(cast.tti.pk).nda is None
    assert "1 version of your own" in client.get(root).content.decode()
    assert 'href="/centres/"' in client.get("/desk/").content.decode()


def test_who_leaves_fits_no_longer_and_is_forgotten(cast: Cast) -> None:
    user, actor = colleague(cast)
    decided(cast, "named", people=[user.pk, cast.broker.user.pk])
    Membership.objects.filter(user=user).delete()
    page = cast.broker.client.get(f"/centres/{cast.tti.public_id}/").content.decode()
    assert "Lin Lan" not in page
    forget(user.pk)
    assert settings_of(cast.tti.pk).people.get().pk == cast.broker.user.pk
    assert actor.user_id == user.pk


# --- API -----------------------------------------------------------------------------------------


def test_settings_by_api(cast: Cast) -> None:
    api, root = cast.broker.api, f"/api/v1/centre-settings/{cast.tti.public_id}/"
    answer = api.get(root)
    assert answer.status_code == 200 and answer.json()["version"] == 0
    assert answer.json()["nda"] is None and answer.json()["pipeline"] == "need_brokerage"
    etag = answer["ETag"]
    body = {"currency": "CNY", "tiers": [{"above": "0", "percent": "5.5"}], "due": "receipts"}
    answer = api.post(root + "prices/", body, format="json", headers={"If-Match": etag})
    assert answer.status_code == 200 and answer.json()["tiers"] == [
        {"above": "0.00", "percent": "5.5000"}
    ]
    stale = api.post(root + "prices/", body, format="json", headers={"If-Match": etag})
    assert stale.status_code == 412
    assert api.post(root + "split/", {"referring_percent": "25"}, format="json").status_code == 200
    given = {"takers": "named", "people": [cast.broker.user.public_id], "readers": "own"}
    told = api.post(root + "people/", given, format="json").json()
    assert told["people"] == [cast.broker.user.public_id] and told["readers"] == "own"
    wrong = api.post(root + "people/", {**given, "people": ["0000000000"]}, format="json")
    assert wrong.status_code == 400
    told = api.post(root + "nda/", TEXTS, format="json").json()
    assert told["nda"]["name"] == f"own-{told['nda']['id']}"
    assert len(api.get(root + "nda/").json()) == 1
    assert api.post(root + "platform-nda/").json()["nda"] is None
    assert api.get("/api/v1/centre-settings/").json()["results"][0]["id"] == cast.tti.public_id
    for player in (cast.owner, cast.outsider, cast.operator):
        assert player.api.get(root).status_code == 404
        assert player.api.post(root + "prices/", body, format="json").status_code == 404
    Membership.objects.filter(user=cast.broker.user).update(roles=["broker"])
    told = api.get(root).json()
    assert told["version"] == 5 and told["misfits"] is None
    assert api.post(root + "prices/", body, format="json").status_code == 403


def scheme_body(**more: Any) -> dict[str, Any]:
    return {
        "name_en": "Our rule", "valid_from": "2026-01-01", "rounding_to": "organisation",
        "deductions": [{"kind": "gross", "percent": "10"}],
        "tiers": [{"above": "0", "shares": {"inventors": "60", "organisation": "40"}}], **more,
    }  # fmt: skip


def test_schemes_by_api(cast: Cast) -> None:
    root, api = "/api/v1/distribution-schemes/", cast.colleague.api
    body = scheme_body(organisation=cast.home.public_id)
    wrong = scheme_body(
        organisation=cast.home.public_id,
        tiers=[{"above": "0", "shares": {"inventors": "59.99", "organisation": "40"}}],
    )
    answer = api.post(root, wrong, format="json")
    assert answer.status_code == 400 and "0.01% is missing" in answer.content.decode()
    made = api.post(root, body, format="json")
    assert made.status_code == 201, made.content
    told = made.json()
    assert told["examples"][0]["shares"] == {"inventors": "540000.00", "organisation": "360000.00"}
    one = f"{root}{told['id']}/"
    etag = api.get(one)["ETag"]
    assert api.put(one, scheme_body(name_en="B"), format="json").json()["name_en"] == "B"
    assert api.put(one, body, format="json", headers={"If-Match": etag}).status_code == 412
    assert api.post(one + "approve/").status_code == 403
    assert cast.owner.api.post(one + "approve/").json()["state"] == "approved"
    assert api.post(one + "discard/").status_code == 409
    following = scheme_body(
        organisation=cast.home.public_id, of=told["id"], valid_from="2026-06-01"
    )
    second = api.post(root, following, format="json").json()
    assert (second["edition"], second["code"]) == (2, told["code"])
    assert api.post(f"{root}{second['id']}/discard/").status_code == 204
    for player in (cast.outsider, cast.rival, cast.broker, cast.operator):
        assert player.api.get(one).status_code == 404
        assert player.api.get(root).json()["results"] == []
        assert player.api.post(root, body, format="json").status_code == 400


def test_schemes_by_pages(cast: Cast) -> None:
    client = cast.colleague.client
    assert "No scheme of your own yet" in client.get("/income/schemes/").content.decode()
    form = {
        "name_zh": "本校办法", "name_en": "", "valid_from": "2026-01-01", "currency": "",
        "rounding_to": "school", "version": "", "d-TOTAL_FORMS": "1", "d-INITIAL_FORMS": "0",
        "d-0-kind": "gross", "d-0-percent": "10", "d-0-name": "", "t-TOTAL_FORMS": "1",
        "t-INITIAL_FORMS": "0", "t-0-above": "0", "t-0-inventors": "70", "t-0-school": "29.99",
    }  # fmt: skip
    new = "/income/schemes/new/"
    assert client.get(new).status_code == 200
    answer = client.post(new, {**form, "save": "1"})
    text = answer.content.decode()
    assert answer.status_code == 422 and "0.01% is missing" in text and "本校办法" in text
    form["t-0-school"] = "30"
    text = client.post(new, {**form, "try": "1"}).content.decode()
    assert "630,000.00" in text and "270,000.00" in text and "Nothing is saved yet." in text
    for kind, name in (("tier", "t-1-inventors"), ("deduction", "d-1-kind")):
        text = client.post(new, {**form, "add": kind}).content.decode()
        assert f'name="{name}"' in text and 'value="29.99"' not in text and "本校办法" in text
    for wrong in (
        {"t-0-inventors": "abc"}, {"valid_from": "9999-99-99"}, {"valid_from": "10000-01-01"},
        {"t-TOTAL_FORMS": "x"}, {"rounding_to": "king"}, {"name_zh": "\x00"}, {"d-0-percent": "-1"},
        {"t-0-inventors": "1e400"},
    ):  # fmt: skip
        assert client.post(new, {**form, **wrong}).status_code == 422, wrong
    made = client.post(new, form)
    again = client.post(new, form)
    assert made.url == again.url  # type: ignore[attr-defined]
    page = made.url  # type: ignore[attr-defined]
    text = client.get(page).content.decode()
    assert "630,000.00" in text and "You wrote it" in text
    form |= {"t-0-inventors": "60", "t-0-school": "40", "version": ""}
    stale = client.post(f"{page}edit/", form)
    assert stale.status_code == 422 and "changed since" in stale.content.decode()
    assert client.post(f"{page}edit/", {**form, "version": "1"}).status_code == 302
    text = client.post(f"{page}step/approve/", {"version": "2"}, follow=True).content.decode()
    assert "did not write it" in text
    text = cast.owner.client.post(f"{page}step/approve/", {"version": "1"}, follow=True)
    assert "changed since" in text.content.decode()
    cast.owner.client.post(f"{page}step/approve/", {"version": "2"})
    assert "Write the next version" in client.get(page).content.decode()
    assert client.get(f"{page}edit/").status_code == 302
    of = page.rstrip("/").rsplit("/")[-1]
    text = client.get(f"{new}?of={of}").content.decode()
    assert f'value="{today().isoformat()}"' in text and 'value="60"' in text
    follow = {**form, "valid_from": today().isoformat()}
    second = client.post(f"{new}?of={of}", follow).url  # type: ignore[attr-defined]
    assert "version 2" in client.get(second).content.decode()
    gone = client.post(f"{second}step/discard/", {"version": "1"})
    assert gone.url == "/income/schemes/"  # type: ignore[attr-defined]
    for player in (cast.outsider, cast.broker, cast.operator):
        assert player.client.get(page).status_code == 404
        assert player.client.get(f"{new}?of={of}").status_code == 404
        assert player.client.post(f"{page}step/approve/").status_code == 404
    assert cast.newcomer.client.get("/income/schemes/").status_code == 404
    assert "本校办法" not in cast.outsider.client.get("/income/schemes/").content.decode()


def test_the_list_of_schemes_asks_a_fixed_number_of_times(
    cast: Cast, django_assert_max_num_queries: Any
) -> None:
    client = cast.colleague.client
    written(cast, name_en="A")
    client.get("/income/schemes/")
    with django_assert_max_num_queries(14) as one:
        client.get("/income/schemes/")
    for name in "BCDE":
        written(cast, name_en=name)
    with django_assert_max_num_queries(len(one)):
        client.get("/income/schemes/")
    assert percent(inventors="1") and scheme_facts() and own_nda(cast)
