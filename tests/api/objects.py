"""One object of each kind, all of `cast.home`, for tests that knock at every address."""

from __future__ import annotations

import re
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile

# first words of an address, and which object its ids mean
PLACES = [
    ("me/tokens", "token"),
    ("me/qualifications", "qualification"),
    ("organisations/<organisation_id>/members", "membership"),
    ("organisations/<organisation_id>/invitations", "invitation"),
    ("organisations/<organisation_id>/webhooks/<webhook_id>/deliveries", "delivery"),
    ("organisations/<organisation_id>/webhooks", "webhook"),
    ("organisations", "organisation"),
    ("ttis", "tti"),
    ("alliances", "alliance"),
    ("verifications", "verification"),
    ("technologies", "technology"),
    ("needs", "need"),
    ("documents", "document"),
    ("reviews", "technology"),
    ("matches", "match"),
    ("mandates", "mandate"),
    ("introductions", "introduction"),
    ("valuations", "valuation"),
    ("tenders", "sale"),
    ("rooms", "room"),
    ("case-tasks", "case_task"),
    ("case-views", "case_view"),
    ("case-assessments", "case"),
    ("case-ip-events", "ip_event"),
    ("case-approaches", "approach"),
    ("cases", "case"),
    ("foreign-projects/imports", "project_import"),
    ("disclosures", "disclosure"),
    ("referrals", "referral"),
    ("requests", "request"),
    ("visits", "visit"),
    ("gatherings", "gathering"),
    ("service-reports", "service_report"),
    ("alliance-figures", "alliance"),
    ("brokerage", "brokerage"),
    ("commission-statements", "commission"),
    ("income", "income"),
    ("royalties", "royalty"),
    ("centre-settings", "tti"),
    ("distribution-schemes", "scheme"),
    ("distribution-runs", "run"),
    ("distribution-statements", "statement"),
    ("registrar", "contract"),
    ("contracts/<contract_id>/files", "file"),
    ("contracts", "contract"),
    ("contract-imports", "contract_import"),
    ("catalogues", "catalogue"),
    ("notifications", "notification"),
    ("imports", "import"),
    ("exports", "export"),
    ("operations/sources", "source"),
    ("operations/rematches", "rematch"),
    ("saved-searches", "search"),
    ("favourites", "favourite"),
]
PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>[^)]*\)")


class Objects:
    """`ids["technology"]` and so on."""

    def __init__(self, cast: Any) -> None:
        self.cast = cast
        self.ids: dict[str, str] = {
            "organisation": cast.home.public_id,
            "tti": cast.tti.public_id,
            "organisation_id": cast.home.public_id,
            "name": "fields",
            "number": "2026440300000001",
            "rules_code": "CN-2021",
            "year": "2026",
        }
        self._accounts()
        self._webhooks()
        self._listings()
        self._contracts()
        self._deals()

    def _accounts(self) -> None:
        from accounts.models import (
            Alliance,
            AllianceMember,
            ApiToken,
            BrokerQualification,
            Invitation,
            Membership,
            Verification,
        )  # fmt: skip
        from events.models import Notification

        cast = self.cast
        alliance = Alliance.objects.create(name_en="Harbour alliance", lead=cast.home)
        AllianceMember.objects.create(alliance=alliance, organisation=cast.home, state="member")
        self._keep("alliance", alliance)
        self._keep("membership", Membership.objects.get(user=cast.colleague.user))
        self._keep("token", ApiToken.objects.get(user=cast.owner.user))
        self._keep("qualification", BrokerQualification.objects.create(
            user=cast.owner.user, number="TB-1", issuer="Bureau", issued_on="2024-01-01",
        ))  # fmt: skip
        self._keep("invitation", Invitation.objects.create(
            organisation=cast.home, email="new@people.example", roles=["editor"], digest="d",
            expires_at="2099-01-01T00:00:00Z",
        ))  # fmt: skip
        evidence = default_storage.save("verification/x.pdf", ContentFile(b"%PDF-1.4"))
        self._keep("verification", Verification.objects.create(
            organisation=cast.home, evidence=evidence, evidence_name="x.pdf",
            evidence_sha256="0", evidence_type="application/pdf", evidence_size=1,
        ))  # fmt: skip
        self._keep("notification", Notification.objects.create(
            recipient=cast.owner.user, kind="listing.approved",
            params={"title_en": "A", "title_zh": ""},
        ))  # fmt: skip

    def _webhooks(self) -> None:
        """One of home, with a message that was delivered."""
        from django.utils import timezone

        from events.webhooks.actions import add_webhook

        hook, _secret = add_webhook(
            actor=self.cast.owner.actor, organisation_id=self.cast.home.pk,
            url="https://hooks.example.org/", kinds=["contract.registered"],
        )  # fmt: skip
        now = timezone.now()
        self._keep("webhook", hook)
        self.ids["webhook_id"] = hook.public_id
        self._keep("delivery", hook.deliveries.create(
            kind="webhook.test", state="delivered", next_try_at=now, give_up_at=now,
        ))  # fmt: skip

    def _listings(self) -> None:
        from listings.actions.documents import add_document
        from listings.actions.lifecycle import submit
        from listings.actions.sources import add_source
        from marketplace.core.actor import Actor
        from tests.listings import factories

        made = factories.draft(self.cast.home)
        upload = SimpleUploadedFile("data.txt", b"a public data sheet")
        self._keep("document", add_document(
            actor=self.cast.owner.actor, listing_id=made.pk, upload=upload, tier="public",
        ))  # fmt: skip
        self._keep("technology", submit(actor=Actor.system(), listing_id=made.pk))
        self._kept_things()
        self._keep("need", factories.published(self.cast.home, "need"))
        self._keep("source", add_source(actor=Actor.system(), facts={
            "name": "Harbour repository", "kind": "oai_pmh", "owner": self.cast.home,
            "address": "https://repository.example/oai", "default_field": "new_energy",
        }))  # fmt: skip
        self._files()

    def _files(self) -> None:
        """An import of home that waits for its columns, and an export of its owner."""
        from listings.actions.exports import ask_export
        from listings.actions.imports import start_import
        from listings.exports.finding import Asked

        owner = self.cast.owner.actor
        self._keep("import", start_import(
            actor=owner, owner_id=self.cast.home.pk, kind="need", source="register",
            upload=SimpleUploadedFile("needs.csv", b"id,title\n1,A pump\n"),
        ))  # fmt: skip
        self._keep("export", ask_export(actor=owner, asked=Asked("need"), form="csv"))

    def _kept_things(self) -> None:
        from django.http import QueryDict

        from listings.actions import saved

        actor = self.cast.owner.actor
        self._keep("search", saved.save_search(
            actor=actor, kind="technology", query=QueryDict("q=electrolyte"),
        ))  # fmt: skip
        self._keep("favourite", saved.keep(actor=actor, public_id=self.ids["technology"]))

    def _contracts(self) -> None:
        from tests.contracts import factories

        made = factories.registered(self.cast)
        self._keep("contract", made)
        self.ids["contract_id"] = made.public_id
        self.ids["number"] = made.number
        self._keep("file", made.files.get())
        self.ids["point_id"] = self.cast.point.public_id
        self.ids["question_id"] = self.ids["answer_id"] = "0000000000"
        self._screening()
        from contracts.actions.imports import start_contract_import

        self._keep("contract_import", start_contract_import(
            actor=self.cast.owner.actor, owner_id=self.cast.home.pk, source="old",
            upload=SimpleUploadedFile("old.jsonl", b'{"external_id": "1"}'),
        ))  # fmt: skip

    def _screening(self) -> None:
        """A sample catalogue, and a hit of another contract, which nobody of home may decide."""
        from contracts.models import Catalogue
        from tests.contracts.test_screening import load_samples

        load_samples()
        self._keep("catalogue", Catalogue.objects.latest("pk"))
        self.ids["hit_id"] = "1"

    def _deals(self) -> None:
        """A pair of home's technology that both sides want, and its introduction."""
        from deals.models import Introduction
        from marketplace.core import jobs
        from marketplace.core.models import Job
        from matching.actions.answers import answer
        from matching.actions.mandates import give_mandate
        from matching.models import Match
        from tests.listings import factories

        factories.published(self.cast.outside, "need")
        while jobs.drain():
            pass
        match = Match.objects.filter(need__owner=self.cast.outside).get()
        for player in (self.cast.owner, self.cast.outsider):
            answer(actor=player.actor, match_id=match.pk, answer="interested")
        while jobs.drain():
            pass
        self.ids["id"] = str(Job.objects.latest("pk").pk)
        self._keep("match", match)
        self._keep("mandate", give_mandate(
            actor=self.cast.owner.actor, organisation_id=self.cast.home.pk,
            institution_id=self.cast.tti.pk,
        ))  # fmt: skip
        self._keep("introduction", Introduction.objects.get())
        from tests.deals.valuation.factories import final

        self._keep("valuation", final(self.cast))
        self._cases()
        self._room()
        self._sale()
        self._rematch()
        self._income()
        self._alliance()

    def _alliance(self) -> None:
        """A referral that a second institution carries on, and its approved fee."""
        from tests.deals.alliance import factories
        from tests.deals.alliance.fees import approved

        group = factories.allied(self.cast)
        referral = factories.carried(self.cast, group)
        self._keep("referral", referral)
        from tests.deals.requests.factories import asked

        self._keep("request", asked(self.cast))
        from tests.deals.requests.visits import visited

        self._keep("visit", visited(self.cast))
        from tests.deals.gatherings.factories import published

        self._keep("gathering", published(self.cast))
        from tests.deals.figures.factories import drafted

        self._keep("service_report", drafted(self.cast))
        statement = approved(self.cast, group, referral)
        self._keep("brokerage", statement.brokerage)
        self._keep("commission", statement)

    def _income(self) -> None:
        """An account of home with a run that its owner approved."""
        from tests.deals.income import factories

        account = factories.opened(self.cast)
        self._keep("income", account)
        run = factories.approved(self.cast, account, "1000")
        self._keep("run", run)
        from tests.deals.centres.factories import written

        self._keep("scheme", written(self.cast))
        self._keep("statement", run.lines.filter(kind="inventor").first())
        from tests.deals.royalties.factories import periods

        self._keep("royalty", periods(self.cast)[0])

    def _room(self) -> None:
        """Under its agreement: an offer of the others, a document of home, a colleague's seat."""
        from deals.actions.rooms import open_room_between
        from tests.deals.rooms import factories

        room = open_room_between(
            actor=self.cast.broker.actor, title="A room", supplier_id=self.cast.home.pk,
            taker_id=self.cast.outside.pk,
        )  # fmt: skip
        for player in (self.cast.owner, self.cast.outsider):
            factories.accept(room, player.actor)
        self._keep("room", room)
        self.ids["seat_id"] = room.seats.get(user=self.cast.colleague.user).public_id
        self.ids["offer_id"] = factories.offer(room, self.cast.outsider.actor).public_id
        document = factories.document(room, self.cast.owner.actor).document
        self.ids["room_document_id"] = document.public_id

    def _sale(self) -> None:
        """An announced auction of home; outside has applied and named a proxy."""
        from deals.actions import sale_bidders
        from tests.deals.sales import factories

        sale, _keys = factories.announced(self.cast)
        self._keep("sale", sale)
        row = sale_bidders.apply_to_bid(actor=self.cast.outsider.actor, sale_id=sale.pk)
        self.ids["bidder_id"] = row.public_id
        proxy = sale_bidders.name_proxy(
            actor=self.cast.outsider.actor, sale_id=sale.pk, email=self.cast.registrar.user.email,
            valid_from=None, valid_until=sale.planned_end,
        )  # fmt: skip
        self.ids["proxy_id"] = proxy.public_id

    def _cases(self) -> None:
        """One of the institution, so that nobody of home may know of it."""
        from deals.actions.case_keeping import save_view
        from tests.deals.cases.factories import opened

        made = opened(self.cast)
        self._keep("case", made)
        self._keep("case_task", made.tasks.earliest("pk"))
        self._case_work(made)
        self._keep("case_view", save_view(
            actor=self.cast.broker.actor, name="Mine", page="list", query="overdue=1",
        ))  # fmt: skip

    def _case_work(self, case: Any) -> None:
        """A filing and a contact of the case; a disclosure that home drafts."""
        from django.utils import timezone

        from deals.actions.approaches import add_approach
        from deals.actions.disclosures import begin_disclosure
        from deals.actions.ip_events import add_ip_event

        one = {"actor": self.cast.broker.actor, "case_id": case.pk}
        today = timezone.localdate()
        self._keep("ip_event", add_ip_event(
            **one, facts={"kind": "filing", "happened_on": today},
        ))  # fmt: skip
        self._keep("approach", add_approach(
            **one,
            facts={"name": "Kite", "made_on": today, "channel": "mail", "outcome": "no_answer"},
        ))  # fmt: skip
        self._keep("disclosure", begin_disclosure(
            actor=self.cast.owner.actor, facts={"title_en": "A"},
        ))  # fmt: skip
        from deals.actions.project_imports import start_project_import

        self._keep("project_import", start_project_import(
            actor=self.cast.broker.actor, organisation_id=self.cast.tti.pk,
            upload=SimpleUploadedFile("old.csv", b"reference,title\n1,Pump\n"),
        )[0])  # fmt: skip

    def _rematch(self) -> None:
        """One that runs, with nothing counted yet."""
        from marketplace.core.actor import Actor
        from matching.actions import rematching

        self.ids["rematch"] = str(rematching.begin(actor=Actor.system()).pk)

    def _keep(self, kind: str, row: Any) -> None:
        self.ids[kind] = row.public_id

    def address(self, pattern: str) -> str:
        """`api/v1/needs/(?P<public_id>...)/` with the ids of these objects."""
        text = re.sub(r"[\^$]|\\Z", "", pattern).replace("\\", "").removeprefix("api/v1/")
        plain = PARAMETER.sub(lambda found: f"<{found[1] or found[2]}>", text)
        kind = next((kind for place, kind in PLACES if plain.startswith(place)), "")

        def value(found: re.Match[str]) -> str:
            name = found[1]
            if name == "public_id":
                return self.ids.get(kind, "0000000000")
            if name == "id" and kind == "rematch":
                return self.ids[kind]
            if name == "number" and kind == "room":
                return "1"
            if name == "document_id":
                return self.ids["document"]
            return self.ids.get(name, "1")

        return "/api/v1/" + re.sub(r"<(\w+)>", value, plain)
