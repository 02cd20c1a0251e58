"""Files for tests of imports."""

from django.core.files.uploadedfile import SimpleUploadedFile

MAPPING = {
    "external_id": "编号",
    "fields": {
        "title_zh": "名称", "summary_zh": "摘要", "field": "领域", "trl": "成熟度",
        "price_min": "价格",
    },
}  # fmt: skip
HEAD = "编号,名称,摘要,领域,成熟度,价格\n"


def row(number, title="低温电解液", field="新能源与高效节能", level="TRL 6", price="80万元"):
    return f"A{number},{title}{number},零下四十度保持八成容量,{field},{level},{price}\n"


def upload(text, name="成果.csv", encoding="utf-8"):
    content = text if isinstance(text, bytes) else text.encode(encoding)
    return SimpleUploadedFile(name, content)


def started(cast, text, **more):
    """An import of the cast's home organisation."""
    from listings.actions import imports

    more.setdefault("upload", upload(text))
    return imports.start_import(
        actor=cast.owner.fresh(), owner_id=cast.home.pk, kind="technology", source="成果库", **more
    )
