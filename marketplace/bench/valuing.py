"""Monte Carlo of a valuation: relief from royalty, four inputs that vary."""

import time

from deals.valuing.approaches import APPROACHES
from deals.valuing.computing import simulate
from deals.valuing.reading import read

DRAWS, TIMES = 100_000, 5


def simulated() -> list[float]:
    """Seconds of each run."""
    inputs = read(
        APPROACHES["relief"],
        {
            "revenue": {"low": 2_000_000, "base": 3_000_000, "high": 5_000_000},
            "growth": {"low": 5, "base": 10, "high": 15, "law": "normal"},
            "years": {"low": 4, "base": 6, "high": 12, "law": "uniform"},
            "royalty": {"low": 3, "base": 5, "high": 8, "law": "lognormal"},
            "tax": 25, "rate": 20,
        },
    )  # fmt: skip
    found = []
    for seed in range(TIMES):
        began = time.perf_counter()
        simulate("relief", inputs, seed=seed, draws=DRAWS)
        found.append(time.perf_counter() - began)
    return found
