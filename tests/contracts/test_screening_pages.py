"""Screening on pages and over the API: who sees what, errors in place, nothing in public."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.models import Membership
from contracts.actions import submit_contract
from contracts.actions.examination import claim
from contracts.models import Catalogue, Contract, HitDecision
from contracts.rates import ScreenRate
from tests.accounts.factories import MembershipFactory, OrganisationFactory
from tests.cast import Cast
from tests.contracts import factories
from tests.contracts.statements import own_queries
from tests.contracts.test_screening import (
    HIT,
    SAMPLES,
    decide,
    examined,
    load_samples,
    only_hit,
    register,
    sides,
)
from tests.listings import factories as listings

pytestmark = pytest.mark.django_db
QUOTE = "low-temperature electrolyte"


@pytest.fixture
def samples() -> None:
    load_samples()


def page_of(contract: Any) -> str:
    return f"/contracts/{contract.public_id}/"


def desk_of(contract: Any) -> str:
    return f"/registrar/contracts/{contract.public_id}/"


def test_parties_see_hits_and_decisions_but_no_inner_note(
    cast: Cast, samples: None, run_jobs: Any
) -> None:
    contract = examined(cast, run_jobs)
    page = cast.colleague.client.get(page_of(contract)).content.decode()
    assert "Possible hits: 1" in page and "SX-0201" in page and "nothing is registered" in page
    assert "within 60 days of its effect" in page and "/hits/" not in page
    decide(cast, contract, words="Above -20 degrees only.", note="Rang up the bureau.")
    page = cast.colleague.client.get(page_of(contract)).content.decode()
    assert "Above -20 degrees only." in page and "Rang up" not in page
    told = cast.colleague.api.get(f"/api/v1/contracts/{contract.public_id}/screening/").json()
    assert told["is_clear"] and told["hits"][0]["decision"]["outcome"] == "not_covered"
    assert "Rang up" not in str(told)
    desk = cast.registrar.client.get(desk_of(contract)).content.decode()
    assert "Rang up the bureau." in desk


def test_a_contract_inside_shows_nothing_of_it(cast: Cast, samples: None) -> None:
    contract = factories.examined(cast, **HIT)
    for client, address in ((cast.colleague.client, page_of(contract)),
                            (cast.registrar.client, desk_of(contract))):  # fmt: skip
        assert "Export and import screening" not in client.get(address).content.decode()
    told = cast.colleague.api.get(f"/api/v1/contracts/{contract.public_id}/screening/").json()
    assert (told["directions"], told["state"], told["is_clear"]) == ([], "none", True)


def test_the_registrar_decides_on_the_page_of_the_hit(
    cast: Cast, samples: None, run_jobs: Any
) -> None:
    contract = examined(cast, run_jobs)
    address = f"{desk_of(contract)}hits/{only_hit(contract).pk}/"
    client = cast.registrar.client
    page = client.get(address).content.decode()
    assert "Conductivity of 2 mS/cm" in page and QUOTE in page
    faulty = client.post(address, {"outcome": "licensed", "words": "Shown.", "note": "Inner."})
    text = faulty.content.decode()
    assert faulty.status_code == 422 and "A licence has a number" in text
    assert "Shown." in text and "Inner." in text, "nothing typed is lost"
    refused = client.post(f"{desk_of(contract)}register/", follow=True).content.decode()
    assert "is not decided: SX-0201" in refused
    done = client.post(
        address,
        {"outcome": "licensed", "words": "Shown.", "licence_number": "L-1", "licence_by": "Bureau",
         "licence_on": str(timezone.localdate())},
    )  # fmt: skip
    assert done.status_code == 302 and done["Location"] == desk_of(contract)
    assert HitDecision.objects.get().licence_number == "L-1"
    assert "Registered under number" in client.post(
        f"{desk_of(contract)}register/", follow=True
    ).content.decode()  # fmt: skip


def test_others_find_nothing(cast: Cast, samples: None, run_jobs: Any) -> None:
    """A party of another contract, a registrar of another point, a tied one."""
    contract = examined(cast, run_jobs)
    hit = only_hit(contract).pk
    elsewhere = OrganisationFactory(registration_point=True, region="510100")
    MembershipFactory(organisation=elsewhere, user=cast.rival.user, roles=["registrar"])
    shown = f"/api/v1/contracts/{contract.public_id}/screening/"
    decided = f"/api/v1/registrar/contracts/{contract.public_id}/hits/{hit}/"
    given = {"outcome": "not_covered", "words": "x"}
    for player in (cast.outsider, cast.rival, cast.operator, cast.newcomer):
        for answer in (
            player.client.get(page_of(contract)),
            player.client.post(f"{page_of(contract)}screening/"),
            player.client.get(f"{desk_of(contract)}hits/{hit}/"),
            player.client.post(f"{desk_of(contract)}hits/{hit}/", given),
            player.api.get(shown), player.api.post(decided, given),
        ):  # fmt: skip
            assert answer.status_code in (403, 404)
            assert "SX-0201" not in answer.content.decode()
    Membership.objects.create(user=cast.registrar.user, organisation=cast.home, roles=["analyst"])
    page = cast.registrar.client.get(desk_of(contract)).content.decode()
    assert "SX-0201" not in page and "You are tied to a party" in page
    assert cast.registrar.client.get(f"{desk_of(contract)}hits/{hit}/").status_code == 403
    assert cast.registrar.api.get(shown).status_code == 403
    assert cast.registrar.api.post(decided, given).status_code == 403
    assert not HitDecision.objects.exists()


def test_nothing_of_it_is_public(cast: Cast, samples: None, run_jobs: Any) -> None:
    contract = examined(cast, run_jobs)
    decide(cast, contract)
    number = register(cast, contract).number
    for address in ("/register/", f"/register/{number}/", "/register/export.csv",
                    f"/api/v1/register/{number}/", "/api/v1/register/"):  # fmt: skip
        answer = cast.visitor.client.get(address)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        text = body.decode("utf-8-sig").lower()
        assert answer.status_code == 200, address
        assert not any(word in text for word in ("sx-0201", "screening", "possible hit")), address


def test_a_draft_is_checked_and_nothing_is_stored(cast: Cast, samples: None) -> None:
    from contracts.models import Screening

    draft = factories.drafted(cast, sides=sides(cast), **HIT)
    client = cast.colleague.client
    assert "Check before you submit" in client.get(page_of(draft)).content.decode()
    page = client.post(f"{page_of(draft)}screening/")
    assert "Possible hits: 1" in page.content.decode() and "no-store" in page["Cache-Control"]
    assert not Screening.objects.exists()
    inside = factories.drafted(cast, **HIT)
    assert "It does not cross the border" in client.post(
        f"{page_of(inside)}screening/"
    ).content.decode()  # fmt: skip


def test_a_text_or_an_own_listing_is_screened(
    cast: Cast, samples: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = listings.published(cast.home, title_en="An adenovirus vector with long shelf life")
    client, address = cast.colleague.client, "/contracts/screening/"
    assert own.title_en in client.get(address).content.decode()
    page = client.post(address, {"text": "A drone swarm of 20.", "direction": "export"})
    assert "SX-0204" in page.content.decode()
    page = client.post(address, {"listing": own.public_id, "direction": "export"})
    assert "SX-0206" in page.content.decode()
    page = client.post(address, {"text": "A drone swarm of 20.", "direction": "import"})
    assert "Possible hits: 0" in page.content.decode()
    empty = client.post(address, {"direction": "export"})
    assert empty.status_code == 422 and "Paste a text" in empty.content.decode()
    foreign = cast.rival.client.post(address, {"listing": own.public_id, "direction": "export"})
    assert foreign.status_code == 422 and "SX-0206" not in foreign.content.decode()
    told = cast.colleague.api.post("/api/v1/screening/", {"text": "无人机编队飞行"}).json()
    assert [hit["code"] for hit in told["hits"]] == ["SX-0204"] and told["hits"][0]["id"] is None
    told = cast.colleague.api.post("/api/v1/screening/", {"technology": own.public_id}).json()
    assert [hit["code"] for hit in told["hits"]] == ["SX-0206"]
    for body, field in (({}, ""), ({"technology": "0000000000"}, "technology"),
                        ({"text": "x" * 20_001}, "text")):  # fmt: skip
        answer = cast.rival.api.post("/api/v1/screening/", body)
        assert answer.status_code == 400 and field in str(answer.json())
    monkeypatch.setattr(ScreenRate, "THROTTLE_RATES", {"screening": "1/min"})
    sent = {"text": "A pump.", "direction": "export"}
    codes = [cast.owner.client.post(address, sent).status_code for _ in range(2)]
    assert codes == [200, 429]


def test_catalogues_are_read_by_members_and_loaded_by_operators(cast: Cast) -> None:
    address = "/contracts/catalogues/"
    assert "No catalogue is loaded" in cast.rival.client.get(address).content.decode()
    assert "Load an edition" not in cast.rival.client.get(address).content.decode()
    content = (SAMPLES / "sample-export.yaml").read_bytes()

    def send(player: Any, body: bytes, name: str = "c.yaml", **more: str) -> Any:
        return player.client.post(address, {"file": SimpleUploadedFile(name, body), **more})

    assert send(cast.rival, content).status_code == 403
    assert "The file is in order" in send(cast.operator, content, only_check="on").content.decode()
    assert not Catalogue.objects.exists()
    broken = content.replace(b"kind: prohibited", b"kind: forbidden", 1)
    answer = send(cast.operator, broken)
    assert answer.status_code == 422 and "Line 13:" in answer.content.decode()
    assert send(cast.operator, content).status_code == 302
    page = cast.rival.client.get(address).content.decode()
    assert "SAMPLE-EXPORT" in page and "sample, no law" in page
    row = Catalogue.objects.get()
    one = f"{address}{row.public_id}/"
    assert "SX-0204" in cast.rival.client.get(one).content.decode()
    found = cast.rival.client.get(f"{one}?q=晶体").content.decode()
    assert "SX-0205" in found and "SX-0204" not in found
    assert "No entry is like this" in cast.rival.client.get(f"{one}?q=zzz").content.decode()
    assert cast.visitor.client.get(address).status_code in (302, 401, 403)
    api = "/api/v1/catalogues/"
    listed = cast.rival.api.get(api).json()
    assert [one["entries"] for one in listed["results"]] == [8]
    entries = f"{api}{row.public_id}/entries/"
    rows = cast.rival.api.get(entries, {"page_size": 5}).json()
    assert rows["results"][0]["code"] == "SX-0101" and len(rows["results"]) == 5
    assert len(cast.rival.api.get(rows["next"]).json()["results"]) == 3
    found = cast.rival.api.get(entries, {"search": "晶体"}).json()["results"]
    assert [one["code"] for one in found] == ["SX-0205"]
    assert cast.rival.api.get(entries, {"kind": "odd"}).status_code == 400
    document = content.decode()
    assert cast.rival.api.post(api, {"document": document}).status_code == 403
    assert cast.operator.api.post(api, {"document": document}).status_code == 200, "is there"
    faulty = cast.operator.api.post(api, {"document": "code: 1"}).json()
    assert faulty["code"] == "faulty_catalogue" and "Line 1" in str(faulty["errors"])


def test_a_page_asks_as_much_however_many_hits(cast: Cast, samples: None, run_jobs: Any) -> None:
    one = examined(cast, run_jobs)
    many = examined(
        cast, run_jobs, title_en="A drone swarm, a deep UV crystal, an adenovirus vector",
        title_zh="",
    )  # fmt: skip
    client = cast.colleague.client
    counts = [own_queries(lambda row=row: client.get(page_of(row))) for row in (one, many)]
    assert counts[0] == counts[1]
    inside = factories.examined(cast)
    assert own_queries(lambda: client.get(page_of(inside))) < counts[0]


def test_every_page_reads_in_chinese(cast: Cast, samples: None, run_jobs: Any) -> None:
    contract = factories.drafted(cast, sides=sides(cast), **HIT)
    submit_contract(actor=cast.colleague.actor, contract_id=contract.pk)
    claim(actor=cast.registrar.actor, contract_id=contract.pk)
    run_jobs()
    for player, address in (
        (cast.colleague, page_of(contract)), (cast.registrar, desk_of(contract)),
        (cast.registrar, f"{desk_of(contract)}hits/{only_hit(contract).pk}/"),
        (cast.colleague, "/contracts/screening/"), (cast.operator, "/contracts/catalogues/"),
        (cast.rival, f"/contracts/catalogues/{Catalogue.objects.first().public_id}/"),
    ):  # fmt: skip
        client = player.client
        client.cookies["language"] = "zh-hans"
        page = client.get(address).content.decode()
        assert "进出口" in page or "管控" in page, address
        assert "Possible hit" not in page and "Control points" not in page, address


def test_a_decision_by_api_is_refused_when_the_file_changed_meanwhile(
    cast: Cast, samples: None, run_jobs: Any
) -> None:
    contract = examined(cast, run_jobs)
    address = f"/api/v1/registrar/contracts/{contract.public_id}/hits/{only_hit(contract).pk}/"
    body, api = {"outcome": "not_covered", "words": "x"}, cast.registrar.api
    version = Contract.objects.get(pk=contract.pk).version
    for named, status in ((version - 1, 412), (version, 200), (version, 412)):
        answer = api.post(address, body, headers={"If-Match": f'"{contract.public_id}:{named}"'})
        assert answer.status_code == status, answer.content
