"""Listings through the API."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from listings.models import Document, Listing
from tests.listings import factories as f

pytestmark = pytest.mark.django_db
URL = "/api/v1/technologies/"


def body(cast, **values):
    return {**f.TECHNOLOGY, "owner": cast.home.public_id, **values}


def test_a_whole_life_by_api(cast, run_jobs):
    api = cast.owner.api
    answer = api.post(
        URL,
        body(cast, specifications=[
            {"metric_en": "Capacity retention", "comparator": "ge", "value": "84", "unit": "%"}]),
    )  # fmt: skip
    assert answer.status_code == 201, answer.json()
    made = answer.json()
    assert made["state"] == "draft"
    assert made["specifications"][0]["text"] == "≥\u00a084%"
    one = f"{URL}{made['id']}/"
    assert cast.visitor.api.get(one).status_code == 404
    answer = api.patch(one, {"trl": 7}, headers={"If-Match": answer["ETag"]})
    assert answer.json()["trl"] == 7
    stale = api.patch(one, {"trl": 8}, headers={"If-Match": f'"{made["id"]}:1"'})
    assert stale.status_code == 412
    assert api.get(one + "coach/").json()["score"] > 0
    assert api.post(one + "submit/").json()["state"] == "in_review"
    assert cast.colleague.api.post(one + "approve/").status_code == 403
    reviews = cast.moderator.api.get("/api/v1/reviews/").json()["results"]
    assert [row["listing"] for row in reviews] == [made["id"]]
    assert cast.moderator.api.post(one + "approve/").json()["state"] == "published"
    shown = cast.visitor.api.get(one).json()
    assert shown["title_en"] == f.TECHNOLOGY["title_en"]
    revision = api.patch(one, {"title_en": "New title of the same"}).json()
    assert revision["is_revision"]
    assert revision["id"] != made["id"]
    assert cast.visitor.api.get(one).json()["title_en"] == f.TECHNOLOGY["title_en"]
    assert api.delete(f"{URL}{revision['id']}/").status_code == 204
    for move, state in (("pause", "paused"), ("resume", "published"), ("fulfil", "fulfilled")):
        assert api.post(f"{one}{move}/").json()["state"] == state
    assert api.post(one + "pause/").status_code == 409
    assert [row["number"] for row in api.get(one + "versions/").json()] == [1]


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"trl": 10}, "trl"),
        ({"trl": "six"}, "trl"),
        ({"field": "alchemy"}, "field"),
        ({"titel_en": "x"}, "titel_en"),
        ({"title_en": "x" * 201}, "title_en"),
        ({"title_en": ["x"]}, "title_en"),
        ({"title_en": "a\u0000b"}, "title_en"),
        ({"title_en": "a\u202eb"}, "title_en"),
        ({"price_min": "-1"}, "price_min"),
        ({"price_min": "5", "price_max": "4"}, "price_max"),
        ({"price_min": "NaN"}, "price_min"),
        ({"deadline": "2030-01-01"}, "deadline"),
        ({"judged_en": "By price"}, "judged_en"),
        ({"source_url": "ftp://files.example/1"}, "source_url"),
        ({"specifications": [{"metric_en": "P", "comparator": "ge", "value": "1",
                              "unit": "9^9^9"}]}, "specifications.0.unit"),
        ({"specifications": [{"metric_en": "P", "comparator": "ge", "value": "9999999999999999",
                              "unit": "Ym^9*Ym^4"}]}, "specifications.0.value"),
        ({"valid_until": "2001-01-01"}, "valid_until"),
        ({"region": "999999"}, "region"),
        ({"country": "XX"}, "country"),
        ({"sub_field": "batteries", "field": "agriculture"}, "sub_field"),
        ({"keywords_en": ["k"] * 21}, "keywords_en"),
        ({"specifications": [{"metric_en": "P", "comparator": "ge", "value": "1",
                              "unit": "furlongs per candle"}]}, "specifications.0.unit"),
        ({"specifications": [{"metric_en": "P", "comparator": "between", "value": "5",
                              "upper": "1"}]}, "specifications.0.upper"),
        ({"specifications": [{"comparator": "ge", "value": "1"}]}, "specifications.0.metric_en"),
        ({"specifications": [{"metric_en": "P", "comparator": "about", "value": "1"}]},
         "specifications.0.comparator"),
        ({"specifications": [{"metric_en": "P", "comparator": "ge", "value": "1"}] * 10_000},
         "specifications"),
        ({"specifications": "many"}, "specifications"),
        ({"ip_rights": [{"kind": "invention", "status": "lost"}]}, "ip_rights.0.status"),
    ],
)  # fmt: skip
def test_bad_input_names_the_field_and_stores_nothing(cast, data, field):
    answer = cast.owner.api.post(URL, body(cast, **data))
    assert answer.status_code == 400, answer.json()
    assert field in {error["field"] for error in answer.json()["errors"]}, answer.json()
    assert not Listing.objects.exists()


def test_nobody_posts_for_another_organisation(cast):
    for player in (cast.outsider, cast.rival, cast.newcomer):
        assert player.api.post(URL, body(cast)).status_code == 404
    assert cast.visitor.api.post(URL, body(cast)).status_code == 401
    assert not Listing.objects.exists()


def test_another_s_object_is_not_found_and_stays_as_it_is(cast):
    made = f.draft(cast.home)
    for player in (cast.outsider, cast.rival, cast.newcomer, cast.moderator):
        assert player.api.get(f"{URL}{made.public_id}/").status_code == 404
        assert player.api.patch(f"{URL}{made.public_id}/", {"trl": 1}).status_code == 404
        assert player.api.post(f"{URL}{made.public_id}/submit/").status_code == 404
        assert player.api.delete(f"{URL}{made.public_id}/").status_code == 404
    shown = f.published(cast.home)
    before = Listing.objects.filter(pk=shown.pk).values().get()
    answer = cast.rival.api.patch(f"{URL}{shown.public_id}/", {"trl": 1})
    assert answer.status_code == 403
    assert cast.rival.api.get(f"{URL}{shown.public_id}/coach/").status_code == 403
    assert cast.rival.api.get(f"{URL}{shown.public_id}/versions/").status_code == 403
    assert Listing.objects.filter(pk=shown.pk).values().get() == before


def test_a_need_is_no_technology(cast):
    need = f.published(cast.home, kind="need")
    assert cast.visitor.api.get(f"{URL}{need.public_id}/").status_code == 404
    assert cast.visitor.api.get(f"/api/v1/needs/{need.public_id}/").status_code == 200


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(("expand", "queries"), [("", 2), ("?expand=specifications", 6)])
def test_a_list_takes_a_fixed_number_of_queries(
    cast, count, expand, queries, django_assert_num_queries
):
    for _ in range(count):
        f.published(cast.home, specifications=[
            {"metric_en": "P", "comparator": "ge", "value": "1"}])  # fmt: skip
    api = cast.visitor.api
    with django_assert_num_queries(queries):
        rows = api.get(URL + expand).json()["results"]
    assert len(rows) == count
    assert (rows[0]["specifications"] is None) is (expand == "")
    assert rows[0]["body_en"] is None


def test_bulk_upsert_is_idempotent_and_judges_each_item_alone(cast):
    def send(items, **more):
        return cast.owner.api.post(
            URL + "bulk/",
            {"owner": cast.home.public_id, "source": "erp", "items": items, **more},
        )

    good = {"external_id": "1", **f.TECHNOLOGY}
    bad = {"external_id": "2", "trl": 99}
    answer = send([good, bad, {"external_id": "3", "title_en": "Only a title"}], submit=True)
    assert answer.status_code == 200, answer.json()
    rows = answer.json()["results"]
    assert [row["outcome"] for row in rows] == ["created", "refused", "created"]
    assert [row["state"] for row in rows] == ["in_review", None, "draft"]
    assert rows[1]["errors"][0]["field"] == "trl"
    assert {error["field"] for error in rows[2]["errors"]} == {"summary_en", "field", "trl"}
    again = send([good]).json()["results"]
    assert again[0]["outcome"] == "same"
    assert again[0]["id"] == rows[0]["id"]
    changed = send([{"external_id": "3", "title_en": "Another title"}]).json()["results"]
    assert changed[0]["outcome"] == "changed"
    assert Listing.objects.count() == 2
    assert send([good] * 201).status_code == 400
    assert send([]).status_code == 400
    elsewhere = cast.rival.api.post(
        URL + "bulk/",
        {"owner": cast.home.public_id, "source": "erp", "items": [{**good, "trl": 1}]},
    )
    assert elsewhere.json()["results"][0]["outcome"] == "refused"
    assert Listing.objects.get(external_id="1").trl == 6


# --- documents


PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def status_of(client, path):
    """The status of a download, read to its end, so that its file is closed."""
    answer = client.get(path)
    if answer.streaming:
        list(answer.streaming_content)
    return answer.status_code


def upload(name="report.pdf", content=PDF):
    return SimpleUploadedFile(name, content)


def attach(player, listing, tier="members", **file):
    return player.api.post(
        f"{URL}{listing.public_id}/documents/",
        {"file": upload(**file), "tier": tier},
        format="multipart",
    )


def test_a_document_is_opened_by_those_of_its_tier_only(cast):
    from listings.actions.lifecycle import submit
    from marketplace.core.actor import Actor

    made = f.draft(cast.home, cast.owner.actor)
    answer = attach(cast.owner, made)
    assert answer.status_code == 201, answer.json()
    document = answer.json()["id"]
    assert attach(cast.owner, made).status_code == 409
    paths = [f"/api/v1/documents/{document}/content/", f"/documents/{document}/"]

    def opens(player):
        found = {status_of(player.api, paths[0]), status_of(player.client, paths[1])}
        assert len(found) == 1
        return found == {200}

    assert opens(cast.owner)
    assert not any(opens(player) for player in (cast.visitor, cast.rival, cast.newcomer))
    submit(actor=Actor.system(), listing_id=made.pk)
    assert opens(cast.rival)
    assert not any(opens(player) for player in (cast.visitor, cast.claimant, cast.newcomer))
    got = cast.rival.client.get(paths[1])
    assert b"".join(got.streaming_content) == PDF
    assert got["X-Content-Type-Options"] == "nosniff"
    assert got["Content-Disposition"] == 'attachment; filename="report.pdf"'
    assert "sandbox" in got["Content-Security-Policy"]


def test_the_file_name_of_an_anonymous_listing_is_withheld(cast):
    made = f.draft(cast.home, cast.owner.actor, is_anonymous=True)
    document = attach(cast.owner, made, "public", name="home-secret.pdf").json()["id"]
    from listings.actions.documents import change_document
    from listings.actions.lifecycle import submit
    from marketplace.core.actor import Actor

    row = Document.objects.get(public_id=document)
    change_document(actor=cast.owner.actor, document_id=row.pk, title="Report")
    submit(actor=Actor.system(), listing_id=made.pk)
    got = cast.visitor.client.get(f"/documents/{document}/")
    assert got["Content-Disposition"] == f'attachment; filename="{document}.pdf"'
    list(got.streaming_content)
    assert "home-secret" not in str(cast.visitor.api.get(f"{URL}{made.public_id}/").json())


@pytest.mark.parametrize(
    ("name", "content", "status"),
    [
        ("bomb.pdf", b"PK\x03\x04 a zip", 400),
        ("page.html", b"<script>alert(1)</script>", 400),
        ("files.zip", b"PK\x03\x04", 400),
        ("empty.pdf", b"", 400),
        ("fake.png", PDF, 400),
        ("nul.txt", b"a\x00b", 400),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused(cast, name, content, status):
    made = f.draft(cast.home, cast.owner.actor)
    assert attach(cast.owner, made, name=name, content=content).status_code == status
    assert not Document.objects.exists()


def test_a_file_over_the_cap_is_refused(cast, settings):
    settings.UPLOAD_MAX_BYTES = 10
    made = f.draft(cast.home, cast.owner.actor)
    assert attach(cast.owner, made).status_code == 413


def test_the_text_of_a_document_is_read_and_found_at_its_tier_only(cast, run_jobs):
    from listings.actions.lifecycle import submit
    from marketplace.core.actor import Actor

    made = f.draft(cast.home, cast.owner.actor)
    attach(cast.owner, made, name="notes.txt", content=b"zirconium tungstate filler")
    submit(actor=Actor.system(), listing_id=made.pk)
    run_jobs()
    entry = made.search_entry
    assert Document.objects.get().text_state == "read"
    assert "zirconium" in entry.words_members
    assert "zirconium" not in entry.words_public


def test_removing_a_document_of_a_published_listing_waits_for_its_revision(cast):
    from listings.actions.lifecycle import submit
    from marketplace.core.actor import Actor

    made = f.draft(cast.home, cast.owner.actor)
    document = attach(cast.owner, made, "public").json()["id"]
    submit(actor=Actor.system(), listing_id=made.pk)
    path = Document.objects.get().file.path
    assert cast.owner.api.delete(f"/api/v1/documents/{document}/").status_code == 204
    assert status_of(cast.visitor.client, f"/documents/{document}/") == 200
    revision = Listing.objects.get(revision_of=made)
    submit(actor=Actor.system(), listing_id=revision.pk)
    assert status_of(cast.visitor.client, f"/documents/{document}/") == 404
    assert not Document.objects.exists()
    assert path
