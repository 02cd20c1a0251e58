"""A small market full of secrets: unique words, numbers, names and files that few may read.

Every secret is a string that occurs nowhere else. `Secret.readers` are the roles that may see it;
for everybody else it may stand in no page, answer, mail, export or log line.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.leaks.planted_centre import plant_centre
from tests.leaks.planted_disclosure import plant_disclosures
from tests.leaks.planted_gathering import plant_gatherings
from tests.leaks.planted_referral import plant_referrals
from tests.leaks.planted_report import plant_reports
from tests.leaks.planted_request import plant_requests
from tests.leaks.planted_room import plant_room
from tests.leaks.planted_royalty import plant_royalty
from tests.leaks.planted_sale import plant_sale

HOME = frozenset({"owner", "colleague"})
QUIET = frozenset({"quiet"})  # the people of the organisation that only posts anonymously
VERIFIED = frozenset({"rival", "outsider", "broker", "registrar"})


@dataclass(frozen=True)
class Secret:
    name: str
    text: str
    readers: frozenset[str]


@dataclass(frozen=True)
class Tie:
    """Two texts that may stand in public each, but never together: who is behind a listing."""

    name: str
    marker: str
    owner: str
    readers: frozenset[str]


@dataclass
class Planted:
    cast: Any
    quiet: Any  # the Player who owns the anonymous listings
    listings: dict[str, Any] = field(default_factory=dict)
    ids: dict[str, list[str]] = field(default_factory=dict)
    secrets: list[Secret] = field(default_factory=list)
    ties: list[Tie] = field(default_factory=list)

    def secret(self, name: str, text: str, readers: frozenset[str]) -> str:
        self.secrets.append(Secret(name, text, readers))
        return text

    def id(self, kind: str, public_id: str) -> None:
        self.ids.setdefault(kind, []).append(public_id)


def document(text: str) -> bytes:
    """A DOCX whose text is read out by the worker."""
    from docx import Document

    made = Document()
    made.add_paragraph(text)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def specification(metric_en: str, metric_zh: str, value: str, tier: str) -> dict[str, Any]:
    return {
        "metric_en": metric_en, "metric_zh": metric_zh, "comparator": "ge", "value": value,
        "unit": "h", "condition_en": "", "tier": tier,
    }  # fmt: skip


def plant(cast: Any) -> Planted:
    """Write everything through the actions that people use; the caller runs the jobs."""
    from accounts.models import Membership, Organisation, User
    from tests.cast import Player

    organisation = Organisation.objects.create(
        kind="research_institute", name_en="Quietfern Instruments", name_zh="静蕨仪器研究所",
        country="CN", region="330106", verified_at=cast.home.verified_at,
    )  # fmt: skip
    user = User.objects.create(email="quiet@cast.example", name="Wen Quietly")
    Membership.objects.create(user=user, organisation=organisation, roles=["owner"])
    secret, _token = _token_of(user)
    world = Planted(cast, Player("quiet", user, organisation, secret))
    _watched(world)
    _public(world)
    _members(world)
    _confidential(world)
    _anonymous(world)
    _unpublished(world)
    _kept(world)
    plant_room(world)
    plant_disclosures(world)
    plant_referrals(world)
    plant_centre(world)
    plant_requests(world)
    plant_gatherings(world)
    plant_reports(world)
    plant_sale(world)
    plant_royalty(world)
    for place in (cast.home, cast.outside, cast.rivals, cast.claim, cast.tti, organisation):
        world.id("organisation", place.public_id)
    return world


def _token_of(user: Any) -> tuple[str, Any]:
    import datetime as dt

    from django.utils import timezone

    from accounts.actions.tokens import new_secret
    from accounts.models import ApiToken
    from accounts.queries.tokens import digest
    from marketplace.core.api.permissions import SCOPES

    secret = new_secret()
    now = timezone.now()
    return secret, ApiToken.objects.create(
        user=user, name="test", prefix=secret[:9], digest=digest(secret), scopes=list(SCOPES),
        expires_at=now + dt.timedelta(days=1), last_used_at=now,
    )  # fmt: skip


def _post(
    world: Planted, key: str, player: Any, data: dict[str, Any], *, kind: str = "technology",
    files: tuple[tuple[str, str, str], ...] = (), publish: bool = True,
) -> Any:  # fmt: skip
    """files: (name, text, tier)."""
    from listings.actions.documents import add_document
    from listings.actions.drafts import create_draft
    from listings.actions.lifecycle import submit
    from marketplace.core.actor import Actor

    data = {"field": "new_energy", "trl": 6, **data}
    settings = {name: data.pop(name) for name in ("visibility", "is_anonymous") if name in data}
    made = create_draft(
        actor=player.fresh(), kind=kind, owner_id=player.organisation.pk, data={**data, **settings}
    )
    for name, text, tier in files:
        upload = SimpleUploadedFile(f"{name}.docx", document(text))
        row = add_document(
            actor=player.fresh(), listing_id=made.pk, upload=upload, tier=tier,
            title="" if settings.get("is_anonymous") else name,
        )  # fmt: skip
        world.id("document", row.public_id)
    if publish:
        made = submit(actor=Actor.system(), listing_id=made.pk)
    world.listings[key] = made
    world.id("listing", made.public_id)
    return made


def _watched(world: Planted) -> None:
    """Everybody waits for everything, before anything is posted: alerts go to spies too."""
    from django.http import QueryDict

    from listings.actions.saved import save_search

    cast = world.cast
    for player in (cast.newcomer, cast.claimant, cast.rival, cast.broker, cast.operator):
        for kind in ("technology", "need"):
            for query in ("", "q=lithium", "q=zorblequin"):
                row = save_search(
                    actor=player.actor, kind=kind, query=QueryDict(query), name="watched",
                    frequency="now",
                )  # fmt: skip
                world.id("search", row.public_id)
    world.ids["search"] = world.ids["search"][:2]


def _kept(world: Planted) -> None:
    """Favourites of a rival who could see them once, and cannot now."""
    from listings.models import Favourite

    for key in ("open", "hidden", "members", "anonymous", "paused"):
        for player in (world.cast.rival, world.cast.newcomer):
            row = Favourite.objects.create(user=player.user, listing=world.listings[key])
            world.id("favourite", row.public_id)
    world.ids["favourite"] = world.ids["favourite"][:2]


def _public(world: Planted) -> None:
    """A public technology with closed tiers, and the need that it meets."""
    mem, con = HOME | VERIFIED, HOME
    s = world.secret
    _post(
        world, "open", world.cast.owner,
        {
            "title_en": "Lithium electrolyte for cold pouch cells",
            "title_zh": "低温软包电池电解液",
            "summary_en": "Keeps 84% of its capacity at minus forty, 11 points more than usual.",
            "body_en": "Fluorinated ester blend for lithium pouch cells in the cold.",
            "price_kind": "indicative", "price_min": "800000", "price_max": "3000000",
            "members_text_en": "Tried by " + s("members en", "Marblefinch-trials", mem),
            "members_text_zh": "电解液试用单位" + s("members zh", "岩鹨试点厂", mem),
            "confidential_text_en": "Lithium salt: " + s("formula", "zorblequin-salt", con),
            "confidential_text_zh": "锂盐配方为" + s("formula zh", "曙雀酰胺镍盐", con),
            "specifications": [
                specification("Cycle life", "循环寿命", "2000", "public"),
                specification(s("spec members", "Vellumgate soak", mem), "", "81724.25", "members"),
                specification(s("spec secret", "Ochrewick dwell", con),
                              s("spec secret zh", "赭芯驻留", con), "918273.45", "confidential"),
            ],
            "ip_rights": [{"kind": "invention", "status": "granted", "office": "CN",
                           "number": "CN-OPEN-1"}],
        },
        files=(
            (s("file members", "gladewren-protocol", mem),
             s("file text members", "pinfeather lithium assay", mem), "members"),
            (s("file secret", "thistledown-recipe", con),
             s("file text secret", "saltmarsh lithium oxalate", con), "confidential"),
        ),
    )  # fmt: skip
    s("spec members value", "81724.25", mem)
    s("spec secret value", "918273.45", con)
    _post(
        world, "need", world.cast.outsider,
        {
            "title_en": "Electrolyte wanted for lithium pouch cells in the cold",
            "title_zh": "求购低温软包电池电解液",
            "summary_en": "Our lithium pouch cells lose half of their capacity in winter.",
            "body_en": "Electrolyte with cycle life of 2000 at minus forty.",
            "specifications": [specification("Cycle life", "循环寿命", "1500", "public")],
            "confidential_text_en": "Lithium cells are for "
            + s("need secret", "Project Umberfold", frozenset({"outsider"})),
        },
        kind="need",
    )  # fmt: skip


def _members(world: Planted) -> None:
    mem, con = HOME | VERIFIED, HOME
    s = world.secret
    _post(
        world, "members", world.cast.owner,
        {
            "visibility": "members",
            "title_en": s("members title", "Brackenmoor lithium separator", mem),
            "title_zh": s("members title zh", "蕨沼锂电隔膜", mem),
            "summary_en": "Separator for lithium pouch cells, "
            + s("mem sum", "fernlight coated", mem),
            "body_en": "Coating for lithium cells.",
            "keywords_en": [s("members keyword", "quillstone", mem)],
            "price_kind": "firm", "price_min": "7482136", "price_max": "7482136",
            "confidential_text_en": "Lithium process " + s("mem con", "dunlin-quench", con),
        },
    )  # fmt: skip


def _confidential(world: Planted) -> None:
    s = world.secret
    for key, kind, player, readers in (
        ("hidden", "technology", world.cast.owner, HOME),
        ("hidden need", "need", world.cast.outsider, frozenset({"outsider"})),
    ):
        mark = "T" if kind == "technology" else "N"
        _post(
            world, key, player,
            {
                "visibility": "confidential",
                "title_en": s(f"{key} title", f"Sablewing{mark} lithium anode", readers)
                + " electrolyte",
                "title_zh": s(f"{key} title zh", "玄翼甲锂负极" if mark == "T" else "玄翼乙锂负极",
                              readers),
                "summary_en": "Lithium anode in the cold, "
                + s(f"{key} sum", f"inkcap{mark}-aged", readers),
                "body_en": "Lithium pouch cells, electrolyte, "
                + s(f"{key} body", f"larkspur{mark} bath", readers),
                "keywords_en": [s(f"{key} keyword", f"hollowreed{mark}", readers)],
                "price_kind": "firm", "price_min": "6391847", "price_max": "6391847",
                "specifications": [
                    specification(s(f"{key} spec", f"Rookery{mark} rate", readers), "", "551199.75",
                                  "public"),
                ],
                **({"ip_rights": [{"kind": "invention", "status": "granted", "office": "CN",
                                   "number": s("hidden patent", "ZL209912345678.9", readers)}]}
                   if kind == "technology" else {}),
            },
            kind=kind,
            files=((s(f"{key} file", f"mothwing{mark}-drawing", readers),
                    s(f"{key} file text", f"lithium eiderdown{mark} press", readers), "public"),),
        )  # fmt: skip


def _anonymous(world: Planted) -> None:
    """Public texts, a secret owner: nothing that leads to it may stand beside them."""
    s, quiet = world.secret, world.quiet
    for key, kind in (("anonymous", "technology"), ("anonymous need", "need")):
        letter = "A" if kind == "technology" else "B"
        marker = f"Tidepool{letter} lithium"
        _post(
            world, key, quiet,
            {
                "is_anonymous": True,
                "title_en": f"{marker} electrolyte for cold pouch cells",
                "summary_en": "Lithium electrolyte for winter, 40% better than usual.",
                "body_en": "Cycle life 2000 at minus forty.",
                "region": "330106",
                "co_owners": [s(f"{key} co-owner", f"Hazelgate{letter} Partners", QUIET)],
                "source_url": "",
                **({"ip_rights": [{"kind": "invention", "status": "granted", "office": "CN",
                                   "title": s("anonymous right", "Curlewish lithium salt", QUIET),
                                   "number": s("anonymous patent", "ZL208844002211.7", QUIET)}]}
                   if kind == "technology" else {}),
            },
            kind=kind,
            files=((s(f"{key} file", f"quietfern{letter}-brochure", QUIET), "plain words",
                    "public"),),
        )  # fmt: skip
        for what, text in (
            ("name", "Quietfern Instruments"), ("name zh", "静蕨仪器研究所"),
            ("id", quiet.organisation.public_id), ("district", "330106"),
            ("person", "Wen Quietly"),
        ):  # fmt: skip
            world.ties.append(Tie(f"{key} owner's {what}", marker, text, QUIET))


def _unpublished(world: Planted) -> None:
    """Drafts, what is in review or paused, and the revision of what is published."""
    from listings.actions.drafts import save_draft
    from listings.actions.lifecycle import pause, submit
    from listings.actions.revisions import start_revision

    s, owner = world.secret, world.cast.owner
    _post(world, "draft", owner, {
        "title_en": s("draft", "Gannetfold lithium draft", HOME), "summary_en": "Lithium draft.",
    }, publish=False)  # fmt: skip
    review = _post(world, "in review", owner, {
        "title_en": s("in review", "Petrelmark lithium review", HOME | {"moderator"}),
        "summary_en": "Lithium cells in review, a third better than usual.",
        "confidential_text_en": s("in review secret", "skerrynote", HOME),
    }, publish=False)  # fmt: skip
    submit(actor=owner.fresh(), listing_id=review.pk)
    paused = _post(world, "paused", owner, {
        "title_en": s("paused", "Dipperstone lithium pause", HOME),
        "summary_en": "Lithium electrolyte that is paused, a third better than usual.",
    })  # fmt: skip
    pause(actor=owner.fresh(), listing_id=paused.pk)
    revision = start_revision(actor=owner.fresh(), listing_id=world.listings["open"].pk)
    save_draft(actor=owner.fresh(), listing_id=revision.pk, data={
        "body_en": s("revision", "Plovergate lithium revision", HOME),
    })  # fmt: skip
    world.id("listing", revision.public_id)


def note_what_followed(world: Planted) -> None:
    """The ids of what the jobs made: matches, notifications. And a mandate, so that the broker of
    the cast knocks at every door with all the rights that a broker can have."""
    from events.models import Notification
    from marketplace.core.models import Job
    from matching.actions.mandates import give_mandate
    from matching.models import Match

    mandate = give_mandate(
        actor=world.cast.owner.fresh(), organisation_id=world.cast.home.pk,
        institution_id=world.cast.tti.pk,
    )  # fmt: skip
    world.id("mandate", mandate.public_id)
    for match in Match.objects.order_by("pk")[:12]:
        world.id("match", match.public_id)
    for row in Notification.objects.order_by("pk")[:3]:
        world.id("notification", row.public_id)
    for job in Job.objects.order_by("pk")[:2]:
        world.id("job", str(job.pk))


@contextmanager
def words_only(settings: Any) -> Iterator[None]:
    """No language model: the words decide, and nothing is loaded."""
    from marketplace.core.encoder import encoder

    settings.ENCODER = "none"
    encoder.cache_clear()
    yield
    encoder.cache_clear()


Run = Callable[..., int]
