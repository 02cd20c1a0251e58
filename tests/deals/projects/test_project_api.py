"""The programme by API: a table up, its rows, its cases; the figures; nothing of it for rivals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from deals.models import Case
from tests.deals.projects.factories import a_row, checked, rival_institution, table

if TYPE_CHECKING:
    from tests.cast import Cast

pytestmark = pytest.mark.django_db
API = "/api/v1/foreign-projects/imports/"
FIGURES = "/api/v1/foreign-projects/figures/"


@pytest.fixture(autouse=True)
def _files(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def test_a_table_goes_up_is_checked_and_opened(cast: Cast, run_jobs: Any) -> None:
    api = cast.broker.api
    upload = table([a_row(1), a_row(2, trl="seven")])
    answer = api.post(API, {"file": upload}, format="multipart")
    assert (answer.status_code, answer.data["state"]) == (201, "uploaded")
    again = api.post(API, {"file": table([a_row(1), a_row(2, trl="seven")])}, format="multipart")
    assert (again.status_code, again.data["id"]) == (200, answer.data["id"])
    address = f"{API}{answer.data['id']}/"
    run_jobs()
    state = api.get(address).data
    assert (state["state"], state["counts"]) == ("checked", {"new": 1, "refused": 1})
    assert not Case.objects.exists()
    rows = api.get(f"{address}rows/?outcome=refused", headers={"Accept-Language": "zh-hans"})
    [row] = rows.json()["results"]
    assert (row["line"], row["reference"], row["case"]) == (3, "EU-0002", None)
    assert row["faults"][0]["column"] == "技术成熟度（TRL）"
    assert api.post(f"{address}run/").data["state"] == "running"
    assert api.post(f"{address}run/").status_code == 409
    run_jobs()
    state = api.get(address).data
    assert (state["state"], state["counts"]) == ("done", {"opened": 1, "refused": 1})
    case = Case.objects.get()
    [row] = api.get(f"{address}rows/?outcome=opened").json()["results"]
    assert (row["case"], row["docket"]) == (case.public_id, case.docket)
    shown = api.get(f"/api/v1/cases/{case.public_id}/").json()
    assert shown["project"]["reference"] == "EU-0001" and shown["origin"] == "import"
    assert [one["id"] for one in api.get(API).json()["results"]] == [state["id"]]
    assert api.post(f"{address}cancel/").status_code == 409


def test_odd_requests_are_refused_at_their_field(cast: Cast) -> None:
    api = cast.broker.api
    answer = api.post(API, {}, format="multipart")
    assert [one["field"] for one in answer.json()["errors"]] == ["file"]
    answer = api.post(API, {"file": SimpleUploadedFile("a.exe", b"x")}, format="multipart")
    assert answer.status_code in (400, 422) and "file" in str(answer.json()["errors"])
    run = checked(cast, table([a_row(1)]))
    assert api.get(f"{API}{run.public_id}/rows/?outcome=x").status_code in (400, 422)
    body = {"file": table([a_row(5)]), "organisation": cast.home.public_id}
    assert api.post(API, body, format="multipart").status_code == 404
    assert api.get(f"{FIGURES}?year=x").status_code in (400, 422)


def test_the_figures(cast: Cast, run_jobs: Any) -> None:
    run = checked(cast, table([a_row(1), a_row(2, country="DE")]))
    cast.broker.api.post(f"{API}{run.public_id}/run/")
    run_jobs()
    found = cast.broker.api.get(FIGURES).json()
    assert found["organisation"] == cast.tti.public_id
    by = {(row["by"], row["code"]): row["stages"] for row in found["rows"]}
    assert [stage["count"] for stage in by["all", ""]] == [2, 0, 0]
    assert by["country", "DE"][0] == {"stage": "screened", "count": 1, "rate": "1.0000"}
    assert by["field", "new_energy"][1] == {"stage": "linked", "count": 0, "rate": "0.0000"}


def test_a_rival_institution_gets_404_for_import_report_file_and_figures(cast: Cast) -> None:
    run = checked(cast, table([a_row(1)]))
    rival_institution(cast.rival)
    page = f"/cases/projects/import/{run.public_id}/"
    own = cast.broker.client.get(f"{page}file/")
    assert own.status_code == 200 and b"EU-0001" in b"".join(own.streaming_content)
    for player in (cast.rival, cast.owner, cast.operator, cast.newcomer, cast.registrar):
        for address in (page, f"{page}report.csv", f"{page}file/"):
            assert player.client.get(address).status_code == 404, player
        for step in ("run/", "cancel/"):
            assert player.client.post(page + step).status_code == 404, player
            assert player.api.post(f"{API}{run.public_id}/{step}").status_code == 404
        for address in (f"{API}{run.public_id}/", f"{API}{run.public_id}/rows/"):
            assert player.api.get(address).status_code == 404
        assert cast.tti.public_id not in str(player.api.get(API).content)
    assert cast.rival.api.get(f"{FIGURES}?tti={cast.tti.public_id}").status_code == 404
    run.refresh_from_db()
    assert run.state == "checked"


def test_the_uploaded_table_is_handed_out_as_a_file_alone(cast: Cast) -> None:
    run = checked(cast, table([a_row(1)], "项目.csv"))
    answer = cast.broker.client.get(f"/cases/projects/import/{run.public_id}/file/")
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Content-Type"] == "application/octet-stream"
    assert b"EU-0001" in b"".join(answer.streaming_content)


def test_a_token_without_the_scope_is_refused(cast: Cast) -> None:
    from accounts.models import ApiToken

    ApiToken.objects.filter(user=cast.broker.user).update(scopes=["cases:read"])
    assert cast.broker.api.get(API).status_code == 200
    assert (
        cast.broker.api.post(API, {"file": table([a_row()])}, format="multipart").status_code == 403
    )
    ApiToken.objects.filter(user=cast.broker.user).update(scopes=["profile:read"])
    assert cast.broker.api.get(API).status_code == 403
    assert cast.broker.api.get(FIGURES).status_code == 403
