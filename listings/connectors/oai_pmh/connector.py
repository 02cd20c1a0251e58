"""Asking a repository for its records, page by page.

The first request of a run names the format, the set and, after a whole run, the day from which on
changes are wanted; every later one carries the resumption token and nothing else.
"""

from urllib.parse import urlencode, urlsplit

from listings.connectors.oai_pmh.answers import Records, read_records
from listings.connectors.shapes import Ask, Page, StartAgain, Trouble


class OaiPmh:
    key_header = ("Authorization", "Bearer %s")
    is_conditional = False  # `from` says it better

    def url(self, ask: Ask) -> str:
        if token := ask.cursor.get("token"):
            given = {"verb": "ListRecords", "resumptionToken": str(token)}
        else:
            given = {"verb": "ListRecords", "metadataPrefix": "oai_dc"}
            if ask.selection:
                given["set"] = ask.selection
            if since := ask.kept.get("from"):
                given["from"] = str(since)
        joint = "&" if urlsplit(ask.address).query else "?"
        return f"{ask.address.partition('#')[0]}{joint}{urlencode(given)}"

    def read(self, body: bytes, ask: Ask) -> Page:
        found = read_records(body)
        # Days are known to every repository, seconds only to some. The day of the answer by the
        # repository's own clock is asked for again, so that nothing falls between two runs.
        kept = {"from": found.answered[:10]} if found.answered else dict(ask.kept)
        if found.errors:
            return _refused(found, ask, kept)
        token = found.token
        if token and token == ask.cursor.get("token"):
            raise Trouble("repeats")
        return Page(found.items, {"token": token} if token else None, kept, found.broken)


def _refused(found: Records, ask: Ask, kept: dict[str, str]) -> Page:
    """What the error elements of an answer mean for the run."""
    codes = {code for code, _text in found.errors}
    if codes == {"noRecordsMatch"}:
        return Page([], None, kept)
    if "badResumptionToken" in codes and ask.cursor:
        raise StartAgain
    code, text = found.errors[0]
    known = {"cannotDisseminateFormat": "oai_format", "noSetHierarchy": "oai_set"}
    raise Trouble(known.get(code, "oai_error"), f"{code}: {text}"[:300])
