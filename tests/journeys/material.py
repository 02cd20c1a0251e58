"""What the two sides of the journeys bring to the market."""

from typing import Any

NEED: dict[str, Any] = {
    "title_zh": "求购耐低温动力电池电解液",
    "title_en": "Electrolyte wanted for lithium pouch cells at -40 degC",
    "summary_zh": "冬季低温下电池容量衰减一半，寻求容量保持率不低于 80% 的电解液。",
    "summary_en": "Our lithium pouch cells lose half of their capacity in the northern winter.",
    "body_zh": "用于北方电动客车的软包电池，要求在零下四十度容量保持率不低于 80%。",
    "body_en": "For lithium pouch cells of buses; 80% capacity retention at -40 degC is a must.",
    "field": "new_energy",
    "trl": 5,
    "modes": ["ordinary_licence", "joint_development"],
    "price_kind": "indicative",
    "price_min": "500000",
    "price_max": "3000000",
    "specifications": [
        {"metric_en": "Capacity retention", "metric_zh": "容量保持率", "comparator": "ge",
         "value": "80", "unit": "%", "condition_en": "-40 degC", "strength": "must"},
        {"metric_en": "Cycle life", "metric_zh": "循环寿命", "comparator": "ge",
         "value": "1500", "unit": "count", "strength": "wish"},
    ],
}  # fmt: skip
TECHNOLOGY: dict[str, Any] = {
    "title_en": "Fluorinated ester electrolyte for lithium pouch cells at -40 degC",
    "title_zh": "零下四十度锂电池用含氟酯类电解液",
    "summary_en": "Keeps 84% of its capacity at -40 degC, 11 points above carbonate blends.",
    "summary_zh": "零下四十度容量保持率 84%，比常规电解液高 11 个百分点。",
    "body_en": "A blend of fluorinated esters for lithium pouch cells; made in a 200 kg reactor.",
    "body_zh": "含氟酯类电解液，用于软包锂电池，已在 200 公斤反应釜中制备。",
    "field": "new_energy",
    "trl": 6,
    "modes": ["ordinary_licence", "exclusive_licence"],
    "price_kind": "indicative",
    "price_min": "800000",
    "price_max": "2000000",
    "ip_rights": [{"kind": "invention", "status": "granted", "office": "CN",
                   "number": "ZL202610000001.1"}],
    "specifications": [
        {"metric_en": "Capacity retention", "metric_zh": "容量保持率", "comparator": "ge",
         "value": "84", "unit": "%", "condition_en": "-40 degC",
         "compared_with_en": "73% carbonate blend"},
        {"metric_en": "Cycle life", "metric_zh": "循环寿命", "comparator": "ge",
         "value": "2000", "unit": "count"},
    ],
}  # fmt: skip
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\n%%EOF\n"
# As browsers upload it, and the organisations as the labels of their form ask for them.
EVIDENCE = {"name": "licence.pdf", "mimeType": "application/pdf", "buffer": PDF}
NORTH = {
    "What kind of organisation is it?": "domestic_enterprise", "Name in Chinese": "北方客车",
    "Name in English": "Northern Buses", "Registration code": "91230100MA1TEXT1XB",
    "City or region": "230100", "District or county": "230102",
}  # fmt: skip
SOUTH = {
    "What kind of organisation is it?": "higher_education", "Name in Chinese": "南方大学",
    "Name in English": "Southern University", "Registration code": "12440300MA1TEXT2XD",
    "City or region": "440300", "District or county": "440305",
}  # fmt: skip
