"""Worked examples of the literature, as the inputs of approaches."""

from __future__ import annotations

from typing import Any

AVONEX: dict[str, Any] = {
    "s": "3422", "k": "2875", "t": "17", "volatility": "47.328638264797", "rate": "6.7",
}  # fmt: skip
RELIEF: dict[str, Any] = {
    "revenue": {"low": "2000000", "base": "3000000", "high": "4500000"}, "growth": "10",
    "years": "5", "royalty": {"low": "3", "base": "5", "high": "7"}, "tax": "25", "rate": "20",
}  # fmt: skip
_ROWS = [
    ("Phase I", "", "1", "30", "0"), ("Phase II", "Phase I", "0.60", "40", "0"),
    ("Phase I fails", "Phase I", "0.40", "0", "0"),
    ("Depression", "Phase II", "0.10", "200", "0"), ("Weight", "Phase II", "0.15", "150", "0"),
    ("Both", "Phase II", "0.05", "500", "0"), ("Phase II fails", "Phase II", "0.70", "0", "0"),
    ("Depression sold", "Depression", "0.85", "250", "1200"),
    ("Depression fails", "Depression", "0.15", "0", "0"),
    ("Weight sold", "Weight", "0.75", "100", "345"), ("Weight fails", "Weight", "0.25", "0", "0"),
    ("Both sold", "Both", "0.70", "400", "2250"),
    ("Both: depression alone", "Both", "0.15", "0", "950"),
    ("Both: weight alone", "Both", "0.05", "0", "245"), ("Both fail", "Both", "0.10", "0", "0"),
]  # fmt: skip
DAVANRIK: dict[str, Any] = {
    "rows": [
        dict(zip(("label", "parent", "chance", "cost", "payoff"), row, strict=True))
        for row in _ROWS
    ]
}
COST: dict[str, Any] = {
    "obsolescence": "10",
    "rows": [
        {
            "label": "Research",
            "amount": {"low": "80", "base": "100", "high": "120"},
            "index": "1.1",
        },
        {"label": "Pilot", "amount": "50"},
    ],
}
