"""Asking in one's own words finds no secret: not for whom it is closed, by page or by API."""

from __future__ import annotations

from matching.asking.rates import AskRate
from tests.leaks.reading import found_in, plain
from tests.leaks.test_leaks import player_of


def test_no_text_finds_a_secret(planted, monkeypatch):
    monkeypatch.setattr(AskRate, "THROTTLE_RATES", {"ask": "99999/min"})
    leaks = []
    for role in ("visitor", "claimant", "rival"):
        player = player_of(planted, role)
        closed = [one.text for one in planted.secrets if role not in one.readers]
        # Asked for the owner alone, the listing must not be among the answers.
        texts = [(text, f"Lithium electrolyte for cold cells. {text}") for text in closed]
        texts += [(tie.owner, tie.owner) for tie in planted.ties]
        for text, asked in texts:
            for kind in ("need", "technology"):
                answers = [player.client.post("/ask/", {"text": asked, "is": kind})]
                if role != "visitor":
                    body = {"text": asked, "kind": kind, "limit": 50}
                    answers.append(player.api.post("/api/v1/matches/rank/", body, format="json"))
                for answer in answers:
                    told = found_in(plain(answer.content), role, planted, echoed=text)
                    if answer.status_code >= 500 or told:
                        leaks.append(f"{role} {text} ({answer.status_code}): {', '.join(told)}")
    assert not leaks, "\n" + "\n".join(leaks)


def test_no_pair_is_judged_by_a_secret(planted, monkeypatch):
    monkeypatch.setattr(AskRate, "THROTTLE_RATES", {"ask": "99999/min"})
    made = list(planted.listings.values())
    needs = [row.public_id for row in made if row.kind == "need"]
    technologies = [row.public_id for row in made if row.kind == "technology"]
    for role in ("claimant", "rival"):
        player = player_of(planted, role)
        for need in needs:
            for technology in technologies:
                answer = player.api.post(
                    "/api/v1/matches/score/", {"need": need, "technology": technology},
                    format="json",
                )  # fmt: skip
                assert answer.status_code in (200, 400, 404), answer.content
                assert not found_in(plain(answer.content), role, planted), (need, technology)
