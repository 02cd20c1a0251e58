"""The agreement of an institution's own: which rooms ask for which text, and that none changes."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pytest
from django.db import IntegrityError, transaction

from deals.actions.centres import use_platform_nda
from deals.actions.opening import open_by_hand
from deals.actions.rooms import open_room_between
from deals.models import CentreNda, CentreSettings, Introduction
from deals.nda import texts
from deals.queries.nda import text_of
from deals.queries.rooms import acceptances_of
from marketplace.core.errors import Invalid, Stale
from tests.deals.centres.factories import TEXTS, own_nda
from tests.deals.rooms import factories as rooms

if TYPE_CHECKING:
    from tests.cast import Cast

pytestmark = pytest.mark.django_db


def between(cast: Cast, title: str = "A room") -> Any:
    return open_room_between(
        actor=cast.broker.actor, title=title, supplier_id=cast.home.pk, taker_id=cast.outside.pk
    )


def test_rooms_from_now_on_ask_for_it_and_rooms_that_are_keep_theirs(cast: Cast) -> None:
    before = between(cast)
    rooms.accept(before, cast.owner.actor)
    first = own_nda(cast)
    inner = between(cast)
    assert before.nda_version in texts() and inner.nda_version == first.version
    rooms.accept(inner, cast.owner.actor)
    rooms.accept(inner, cast.outsider.actor)
    second = own_nda(cast, text_zh="一、另一份。", text_en="1. Another.")
    assert between(cast).nda_version == second.version != first.version
    for room in (before, inner):
        room.refresh_from_db()
    # what was accepted stays accepted, and readable word by word
    assert set(acceptances_of(inner)) == {"supplier", "taker"}
    assert set(acceptances_of(before)) == {"supplier"}
    rooms.accept(before, cast.outsider.actor)  # the other side still accepts the same text
    assert set(acceptances_of(before)) == {"supplier", "taker"}
    page = cast.owner.client.get(f"/rooms/{inner.public_id}/nda/").content.decode()
    assert "<p>1. A keeps it.</p><p>2. B keeps it.</p>" in page and "1. Another." not in page
    assert "一、甲方保密。" in page and text_of(first.version).hash in page
    told = cast.owner.api.get(f"/api/v1/rooms/{inner.public_id}/nda/").json()
    assert told["text_en"] == TEXTS["text_en"] and told["binding"] == "both"


def test_back_to_the_platforms_text(cast: Cast) -> None:
    made = own_nda(cast)
    use_platform_nda(actor=cast.broker.actor, organisation_id=cast.tti.pk)
    assert between(cast).nda_version in texts()
    again = own_nda(cast)  # the same words, a new version: the old one was out of use
    assert (again.number, again.digest) == (made.number + 1, made.digest)
    assert own_nda(cast).pk == again.pk  # and saved twice it is one
    assert CentreNda.objects.count() == 2


def test_two_different_texts_never_have_one_hash(cast: Cast) -> None:
    """Words that change their place, not their order, are another text."""
    first = own_nda(cast, title_en="A", text_en="B\nC", title_zh="甲", text_zh="乙")
    second = own_nda(cast, title_en="A", text_en="B", title_zh="C", text_zh="甲\n乙")
    assert second.number == first.number + 1
    assert first.digest != second.digest
    assert own_nda(cast, title_en="A", text_en="B", title_zh="C", text_zh="甲\n乙") == second
    # as the document says, so that anybody can work it out
    words = '["A", "B", "C", "甲\\n乙", "both"]'
    assert second.digest == hashlib.sha256(words.encode()).hexdigest()


def test_another_text_than_was_read_is_not_accepted(cast: Cast) -> None:
    own_nda(cast)
    room = between(cast)
    from deals.actions.rooms import accept_agreement

    with pytest.raises(Stale):
        accept_agreement(
            actor=cast.owner.actor, room_id=room.pk, name="X",
            text_hash=next(iter(texts().values())).hash,
        )  # fmt: skip


def test_introductions_that_its_brokers_make_ask_for_it_too(cast: Cast) -> None:
    from tests.listings import factories as listings

    made = own_nda(cast)
    need, technology = listings.published(cast.home, "need"), listings.published(cast.outside)
    found, _new = open_by_hand(
        actor=cast.broker.actor, need_id=need.pk, technology_id=technology.pk
    )
    assert found.nda_version == made.version
    page = cast.owner.client.get(f"/introductions/{found.public_id}/nda/").content.decode()
    assert "<p>1. A keeps it.</p>" in page
    from tests.deals import factories

    other = factories.introduced(cast)
    assert Introduction.objects.get(pk=other.pk).nda_version in texts()


def test_another_institution_asks_for_its_own(cast: Cast) -> None:
    own_nda(cast)
    from tests.deals.alliance.factories import allied

    group = allied(cast)
    room = open_room_between(
        actor=group.second_broker, title="Theirs", supplier_id=cast.home.pk,
        taker_id=cast.outside.pk,
    )  # fmt: skip
    assert room.nda_version in texts()


def test_it_is_shown_escaped(cast: Cast) -> None:
    own_nda(cast, text_en="<b>Bold</b> & <script>alert(1)</script>")
    room = between(cast)
    page = cast.owner.client.get(f"/rooms/{room.public_id}/nda/").content.decode()
    assert "&lt;b&gt;Bold&lt;/b&gt; &amp; &lt;script&gt;" in page and "<b>Bold" not in page


def test_a_text_in_one_language_is_the_binding_one_whatever_was_chosen_first(cast: Cast) -> None:
    assert own_nda(cast, text_zh="", title_zh="").binding == "en"
    assert own_nda(cast, text_en="", title_en="").binding == "zh"
    with pytest.raises(Invalid) as refused:
        own_nda(cast, text_zh="  \n ", title_zh="", text_en="", title_en="")
    assert set(refused.value.fields) == {"text_zh", "text_en"}


def test_one_language_alone_is_binding_and_shown_to_everybody(cast: Cast) -> None:
    own_nda(cast, text_en="", title_en="", binding="zh")
    room = between(cast)
    page = cast.owner.client.get(f"/rooms/{room.public_id}/nda/").content.decode()
    assert "The Chinese text is binding." in page and "<p>一、甲方保密。</p>" in page
    assert "There is no text in your language." in page


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"text_en": "", "title_en": "", "binding": "en"}, "text_en"),
        ({"text_en": "", "binding": "zh"}, "text_en"),  # a title without a text
        ({"title_zh": ""}, "title_zh"),
        ({"binding": "fr"}, "binding"),
        ({"binding": ""}, "binding"),
        ({"text_en": "a\x00b"}, "text_en"),
        ({"text_en": "x" * 20_001}, "text_en"),
        ({"title_en": "x" * 161}, "title_en"),
        ({"title_en": "two\nlines"}, "title_en"),
    ],
)
def test_each_fault_stands_at_its_field(cast: Cast, wrong: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        own_nda(cast, **wrong)
    assert list(refused.value.fields) == [field]
    assert not CentreNda.objects.exists()
    assert not CentreSettings.objects.filter(version__gt=0).exists()


def test_the_hash_covers_every_word_and_what_is_binding(cast: Cast) -> None:
    found = {own_nda(cast).digest}
    for more in ({"title_zh": "x"}, {"title_en": "x"}, {"text_zh": "x"}, {"text_en": "x"},
                 {"binding": "zh"}):  # fmt: skip
        found.add(own_nda(cast, **more).digest)
    assert len(found) == 6


def test_the_database_keeps_every_version(cast: Cast) -> None:
    made = own_nda(cast)
    for change in ({"text_en": "other"}, {"digest": "0" * 64}, {"binding": "zh"}, {"number": 9}):
        with pytest.raises(IntegrityError), transaction.atomic():
            CentreNda.objects.filter(pk=made.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        CentreNda.objects.filter(pk=made.pk).delete()
    CentreNda.objects.filter(pk=made.pk).update(written_by=None)  # an account that is gone
