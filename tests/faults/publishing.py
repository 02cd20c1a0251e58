"""A client as a careful integrator writes it: each request has a key and is sent until answered."""

import itertools
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx  # noqa: TID251 (the tests' own client, on the loopback)

SUBJECTS = ["membrane", "electrolyte", "coating", "bearing", "sensor", "catalyst", "separator"]
QUALITIES = ["salt resistant", "cold hardy", "low noise", "spark free", "transparent", "recyclable"]


def posting(number: int) -> dict[str, Any]:
    """A technology (even) or need (odd) with words that many of the other kind share."""
    subject = SUBJECTS[number // 2 % len(SUBJECTS)]
    quality = QUALITIES[number // 14 % len(QUALITIES)]
    need = number % 2
    body: dict[str, Any] = {
        "external_id": f"kill-{number}",
        "title_en": f"{quality.capitalize()} {subject} {'wanted' if need else 'offered'} {number}",
        "summary_en": f"A {quality} {subject} for pumps, 30% better than the usual {subject}.",
        "body_en": f"The {subject} runs in sea water; sample {number} was measured for a year.",
        "field": "new_materials",
        "trl": 6,
    }
    return {name: value for name, value in body.items() if name != "external_id"}


class Publisher:
    """Creates and submits listings through the API, whatever happens to the server meanwhile."""

    def __init__(self, url: str, token: str, owner: str, patience: float) -> None:
        self.url, self.owner, self.patience = url, owner, patience
        self.headers = {"Authorization": f"Bearer {token}"}
        self.repeats = itertools.count()
        self.repeated = 0

    def publish(self, numbers: range, threads: int = 4) -> list[str]:
        """Public ids in the order of the numbers."""
        with ThreadPoolExecutor(threads) as pool:
            return list(pool.map(self._one, numbers))

    def _one(self, number: int) -> str:
        kind = "needs" if number % 2 else "technologies"
        created = self._send(
            f"/api/v1/{kind}/", {**posting(number), "owner": self.owner}, f"create-{number}"
        )
        answer = self._send(f"/api/v1/{kind}/{created['id']}/submit/", {}, f"submit-{number}")
        assert answer["state"] == "published", answer
        return str(created["id"])

    def _send(self, path: str, body: Any, key: str) -> Any:
        give_up = time.monotonic() + self.patience
        while True:
            try:
                answer = httpx.post(
                    self.url + path, json=body, timeout=10,
                    headers={**self.headers, "Idempotency-Key": key},
                )  # fmt: skip
                if answer.status_code < 300:
                    return answer.json()
                known = answer.status_code >= 500 or (
                    answer.status_code == 409 and answer.json()["code"] == "idempotency_running"
                )
                assert known, f"{path}: {answer.status_code} {answer.text[:500]}"
            except httpx.TransportError:
                pass
            assert time.monotonic() < give_up, f"{path} was never answered"
            self.repeated = next(self.repeats) + 1
            time.sleep(0.2)


def post_once(url: str, body: Any, token: str, key: str) -> int:
    """The status of one request that is not repeated."""
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}
    return httpx.post(url, json=body, headers=headers, timeout=20).status_code
