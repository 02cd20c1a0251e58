"""The expert finder's question and filters, as they stand in its address."""

from django.http import QueryDict

from listings.queries.experts import WHO, Asked
from listings.wanted import MAX_QUESTION, MAX_VALUES
from marketplace.core import regions
from marketplace.core.codes import FIELDS


def read_asked(query: QueryDict) -> tuple[Asked, list[str]]:
    """What is asked, and the parameters that said nothing that is known: those are left out."""
    ignored: list[str] = []
    fields = [code for code in query.getlist("field")[:MAX_VALUES] if code]
    known = tuple(dict.fromkeys(code for code in fields if code in FIELDS))
    if len(known) < len(set(fields)):
        ignored.append("field")
    region, who = query.get("region", ""), query.get("who", "")
    if region and regions.get(region) is None:
        ignored.append("region")
        region = ""
    if who and who not in WHO:
        ignored.append("who")
        who = ""
    question = " ".join(query.get("q", "").replace("\x00", " ").split())[:MAX_QUESTION]
    return Asked(question, known, region, who), ignored
