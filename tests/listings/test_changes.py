"""What changed between two versions can be shown for every field that a version holds."""

from listings.changes import LABELS, changes
from listings.snapshots import CONTENT_FIELDS, TIER_OF_FIELD


def test_every_field_of_a_version_has_a_label():
    assert {*CONTENT_FIELDS, "valid_until"} <= set(LABELS)


def test_texts_of_a_hidden_tier_are_left_out():
    after = {name: f"new {name}" for name in TIER_OF_FIELD}
    shown = {change.name for change in changes(None, after, hidden_tiers=["confidential"])}
    assert shown == {"members_text_en", "members_text_zh"}


def test_every_closed_text_names_its_tier():
    closed = {name for name in CONTENT_FIELDS if name.startswith(("members_", "confidential_"))}
    assert closed == set(TIER_OF_FIELD)
