"""Disclosures as people and programs use them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Membership
from deals.models import Case, Disclosure, InformalTransfer
from tests.deals.disclosures.factories import (
    TEXT,
    asked,
    begun,
    confirm,
    digest_of,
    mailed,
    submitted,
    written,
)

if TYPE_CHECKING:
    from tests.cast import Cast

pytestmark = pytest.mark.django_db


def formset(*rows: tuple[str, str, str]) -> dict[str, str]:
    data = {"form-TOTAL_FORMS": str(len(rows)), "form-INITIAL_FORMS": "0", "save": "1"}
    for place, (name, email, share) in enumerate(rows):
        data |= {
            f"form-{place}-name": name, f"form-{place}-email": email,
            f"form-{place}-share": share, f"form-{place}-affiliation": "",
        }  # fmt: skip
    return data


def test_from_the_first_page_to_a_case_by_pages_alone(cast: Cast) -> None:
    author, visitor = cast.outsider.client, cast.visitor.client
    assert "Nothing disclosed yet" in author.get("/disclosures/").content.decode()
    answer = author.post(
        "/disclosures/new/", {"title_en": "Quiet binder", "description_en": TEXT, "trl": "4"}
    )
    made = Disclosure.objects.get()
    root = made.get_absolute_url()
    assert answer.url.endswith(f"{root}inventors/")
    one = ("Wei Lan", "wei@inventors.example", "100")
    assert author.post(f"{root}inventors/", {**formset(one), "version": "1"}).status_code == 302
    background = {
        "institution": cast.tti.public_id, "conceived_on": "2026-01-05", "funder": "City fund",
        "funder_may_claim": "on", "version": "2", "published_on": "2026-02-01",
    }  # fmt: skip
    assert author.post(f"{root}background/", background).status_code == 302
    page = author.get(root).content.decode()
    assert "novelty may be lost" in page and "The funder may claim ownership" in page
    assert author.post(f"{root}ask/", {"version": "3"}).status_code == 302
    link = f"/disclosures/sign/{mailed()['wei@inventors.example']}/"
    shown = visitor.get(link)
    assert TEXT in shown.content.decode()
    assert shown["Cache-Control"] == "private, no-store"
    assert visitor.get(link).status_code == 200  # looking does not use it up
    data = {"name": "Wei Lan", "agreed": "on", "seen": digest_of(made)}
    assert visitor.post(link, {**data, "agreed": ""}).status_code == 422
    assert "last signature" in visitor.post(link, data).content.decode()
    assert visitor.post(link, data).status_code == 404
    broker = cast.broker.client
    assert "Quiet binder" in broker.get("/disclosures/inbox/").content.decode()
    made.refresh_from_db()
    refused = broker.post(f"{root}decide/accept/", {"responsible": "", "version": made.version})
    assert refused.status_code == 422
    accepted = broker.post(
        f"{root}decide/accept/",
        {"responsible": cast.broker.user.public_id, "version": made.version},
    )
    case = Case.objects.get()
    assert accepted.url.endswith(case.get_absolute_url())
    assert root in broker.get(case.get_absolute_url()).content.decode()
    assert case.get_absolute_url() not in author.get(root).content.decode()


def test_parts_of_99_99_keep_what_was_typed_and_say_the_sum(cast: Cast) -> None:
    made = begun(cast)
    data = formset(
        ("Wei Lan", "wei@inventors.example", "33.33"),
        ("Ada Moss", "ada@inventors.example", "66.66"),
    )
    answer = cast.outsider.client.post(
        f"{made.get_absolute_url()}inventors/", {**data, "version": made.version}
    )
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "99.99" in text and "ada@inventors.example" in text
    twice = formset(("A", "a@x.example", "50"), ("B", "A@x.example", "50"))
    answer = cast.outsider.client.post(
        f"{made.get_absolute_url()}inventors/", {**twice, "version": made.version}
    )
    assert "named already" in answer.content.decode()
    assert not made.inventors.exists()


def test_more_rows_come_without_script_and_odd_counts_break_nothing(cast: Cast) -> None:
    made = begun(cast)
    address = f"{made.get_absolute_url()}inventors/"
    data = {**formset(("Wei", "w@x.example", "5")), "add": "1"}
    text = cast.outsider.client.post(address, data).content.decode()
    assert text.count('name="form-1-name"') == 1 and 'value="Wei"' in text
    for odd in ("x", "-5", "99999999999", "٣", ""):
        for key in ("add", "save"):
            data = {"form-TOTAL_FORMS": odd, "form-INITIAL_FORMS": "0", key: "1"}
            assert cast.outsider.client.post(address, data).status_code in (200, 422), odd


def test_an_older_page_is_told_so_and_keeps_its_words(cast: Cast) -> None:
    made = begun(cast)
    address = f"{made.get_absolute_url()}what/"
    client = cast.outsider.client
    assert client.post(address, {"title_en": "Newer", "version": "1"}).status_code == 302
    for version in ("1", ""):
        answer = client.post(address, {"title_en": "Typed late", "version": version})
        text = answer.content.decode()
        assert answer.status_code == 422
        assert "Typed late" in text and "has changed since" in text and 'value="2"' in text


def test_a_change_while_inventors_sign_warns_first_and_says_what_is_void(cast: Cast) -> None:
    made, links = asked(cast)
    cast.visitor.client.post(
        f"/disclosures/sign/{links['wei@inventors.example']}/",
        {"name": "Wei Lan", "agreed": "on", "seen": digest_of(made)},
    )
    made.refresh_from_db()
    address = f"{made.get_absolute_url()}what/"
    client = cast.outsider.client
    assert "Inventors are signing" in client.get(address).content.decode()
    client.post(address, {"title_en": "Other", "version": made.version})
    assert "1 signature is void" in client.get(made.get_absolute_url()).content.decode()


def test_a_page_that_shows_an_older_content_does_not_sign_the_newer(cast: Cast) -> None:
    made, links = asked(cast)
    link = f"/disclosures/sign/{links['wei@inventors.example']}/"
    page = cast.visitor.client.get(link)
    # under "no-referrer" a browser posts with Origin: null, which the CSRF check refuses
    assert page["Referrer-Policy"] == "same-origin" and b"no-referrer" not in page.content
    answer = cast.visitor.client.post(link, {"name": "Wei Lan", "agreed": "on", "seen": "0" * 64})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "was changed after you opened it" in text and digest_of(made) in text
    assert not made.inventors.filter(signed_at__isnull=False).exists()


def test_strangers_find_nothing_and_readers_may_not_act_for_others(cast: Cast) -> None:
    confirm(cast.newcomer, "wei@inventors.example")
    made = submitted(cast)
    draft = written(cast)
    below = ("", "what/", "inventors/", "background/")
    steps = ("delete/", "ask/", "signature/", "decide/accept/", "decide/return/")
    for name in ("owner", "rival", "registrar", "operator", "moderator"):
        player = getattr(cast, name)
        for one in (made, draft):
            root = one.get_absolute_url()
            assert {player.client.get(root + end).status_code for end in below} == {404}, name
            assert {player.client.post(root + end).status_code for end in steps} == {404}, name
            assert player.api.get(f"/api/v1/disclosures/{one.public_id}/").status_code == 404
        assert player.api.get("/api/v1/disclosures/").data["results"] == []
    assert cast.rival.client.get("/disclosures/inbox/").status_code == 200  # empty: an editor
    assert TEXT not in cast.rival.client.get("/disclosures/inbox/").content.decode()
    assert cast.newcomer.client.get("/disclosures/inbox/").status_code == 404
    assert cast.newcomer.client.get(made.get_absolute_url()).status_code == 200
    assert cast.newcomer.client.get(f"{made.get_absolute_url()}what/").status_code == 403
    assert cast.broker.client.get(draft.get_absolute_url()).status_code == 404
    assert cast.visitor.client.get(made.get_absolute_url()).status_code in (302, 401)
    Membership.objects.filter(user=cast.broker.user).delete()
    assert cast.broker.client.get(made.get_absolute_url()).status_code == 404


@pytest.mark.parametrize("secret", ["x", "x" * 300, "%00", "%F0%9F%98%80", "..%2F"])
def test_an_odd_link_is_not_found(cast: Cast, secret: str) -> None:
    for act in (cast.visitor.client.get, cast.visitor.client.post):
        assert act(f"/disclosures/sign/{secret}/").status_code == 404


def test_informal_ways_are_seen_by_the_institution_they_were_told_to(cast: Cast) -> None:
    good = {
        "route": "consulting", "what": "Advice on cells", "partner": "Kite",
        "happened_on": "2026-01-05", "institution": cast.tti.public_id,
    }  # fmt: skip
    client = cast.outsider.client
    for odd in ({"happened_on": "10000-01-01"}, {"route": "x"}, {"institution": "0"}):
        answer = client.post("/disclosures/informal/", {**good, **odd})
        assert answer.status_code == 422 and "Advice on cells" in answer.content.decode()
    assert client.post("/disclosures/informal/", good).status_code == 302
    assert InformalTransfer.objects.count() == 1
    assert "Advice on cells" in cast.broker.client.get("/disclosures/inbox/").content.decode()
    assert "Advice" not in cast.rival.client.get("/disclosures/inbox/").content.decode()
    assert len(cast.broker.api.get("/api/v1/disclosures/informal/").data["results"]) == 1
    assert cast.rival.api.get("/api/v1/disclosures/informal/").data["results"] == []


def test_lists_ask_the_same_number_of_queries_however_many(cast: Cast) -> None:
    submitted(cast)
    for number in (0, 2):
        for _nth in range(number):
            submitted(cast)
        found = {}
        for page, player in (("", cast.outsider), ("inbox/", cast.broker)):
            player.client.get(f"/disclosures/{page}")
            with CaptureQueriesContext(connection) as queries:
                player.client.get(f"/disclosures/{page}")
            found[page] = len(queries)
        assert found == LIST_QUERIES


LIST_QUERIES = {"": 14, "inbox/": 12}


def test_a_program_discloses_signs_and_decides(cast: Cast) -> None:
    confirm(cast.newcomer, "wei@inventors.example")
    api, root = cast.outsider.api, "/api/v1/disclosures/"
    made = api.post(root, {
        "title_en": "Quiet binder", "description_en": TEXT, "conceived_on": "2026-01-05",
        "institution": cast.tti.public_id,
    }, format="json")  # fmt: skip
    assert (made.status_code, made.data["state"]) == (201, "draft")
    one = f"{root}{made.data['id']}/"
    rows = [{"name": "Wei Lan", "email": "wei@inventors.example", "share": "99.99"}]
    wrong = api.post(f"{one}inventors/", {"rows": rows}, format="json")
    assert wrong.status_code == 400 and "99.99" in str(wrong.data)
    rows[0]["share"] = "100"
    assert api.post(f"{one}inventors/", {"rows": rows}, format="json").status_code == 200
    old = api.patch(one, {"title_en": "Late"}, format="json", HTTP_IF_MATCH='"1"')
    assert old.status_code == 412
    mail.outbox.clear()
    asked_for = api.post(f"{one}ask/")
    assert asked_for.data["state"] == "signing"
    sign = {"name": "Wei Lan", "digest": asked_for.data["digest"]}
    assert api.post(f"{one}sign/", sign, format="json").status_code == 403
    signed = cast.newcomer.api.post(f"{one}sign/", sign, format="json")
    assert signed.data["state"] == "submitted"
    assert api.post(f"{one}accept/", {}, format="json").status_code == 403
    accepted = cast.broker.api.post(f"{one}accept/", {}, format="json")
    assert accepted.data["case"] == Case.objects.get().public_id
    assert api.get(one).data["case"] is None
    assert "link" not in str(accepted.data)
