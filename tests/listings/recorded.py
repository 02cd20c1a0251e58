"""A small server on 127.0.0.1 that plays recorded answers, and the answers themselves.

The texts are invented; the form is that of the services.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Reply = tuple[int, Mapping[str, str], bytes]
Script = Callable[["Heard"], Reply]


class Heard:
    """One request: path, query (first values), headers in lower case."""

    def __init__(self, path: str, headers: Mapping[str, str]) -> None:
        parts = urlsplit(path)
        self.path = parts.path
        self.raw_query = parts.query
        given = parse_qs(parts.query, keep_blank_values=True)
        self.query = {name: values[0] for name, values in given.items()}
        self.headers = {name.lower(): value for name, value in headers.items()}


class Recorded:
    """`script` answers; `heard` keeps what was asked."""

    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self.script: Script = lambda _heard: (404, {}, b"")
        played = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                heard = Heard(self.path, dict(self.headers.items()))
                played.heard.append(heard)
                status, headers, body = played.script(heard)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def plays(self, *replies: Reply) -> None:
        """One after the other; the last one again and again."""
        waiting = list(replies)
        self.script = lambda _heard: waiting.pop(0) if len(waiting) > 1 else waiting[0]


# --- OAI-PMH --------------------------------------------------------------------------------------

WORDS = {
    "1": "A ceramic membrane made of alumina with pores of forty nanometres separates oil from "
         "the cutting fluid of grinding machines and can be flushed a thousand times.",
    "2": "Yeast that grows on whey makes a protein for fish feed, in a reactor of two hundred "
         "litres, within thirty hours and without antibiotics.",
    "3": "一种用于海上风电叶片的自修复涂层，雨蚀试验三十小时后质量损失低于百分之一，"
         "可在零下二十度施工。",
    "4": "An algorithm plans the routes of forklifts in a warehouse so that no two of them meet in "
         "an aisle, and lowers the driven distance by one fifth.",
}  # fmt: skip


def record(name: str, *, text: str | None = None, deleted: bool = False, subject: str = "") -> str:
    """One record in the form of ListRecords, with what is optional in Dublin Core."""
    header = (
        f"<identifier>oai:repository.example:{name}</identifier>"
        "<datestamp>2026-03-02T08:00:00Z</datestamp><setSpec>technology</setSpec>"
    )
    if deleted:
        return f'<record><header status="deleted">{header}</header></record>'
    return f"""<record><header>{header}</header><metadata>
    <oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/"
      xmlns:dc="http://purl.org/dc/elements/1.1/">
      <dc:title>Achievement {name}</dc:title>
      <dc:title xml:lang="zh">成果第{name}号：新方法</dc:title>
      <dc:creator>Li, Wen</dc:creator><dc:subject>{subject or "Coatings"}</dc:subject>
      <dc:subject>membranes</dc:subject>
      <dc:description>&lt;p&gt;{text or WORDS[name]}&lt;/p&gt;&lt;script&gt;x()
      &lt;/script&gt;</dc:description>
      <dc:publisher>Harbour Institute</dc:publisher><dc:date>2024</dc:date>
      <dc:identifier>10.5555/{name}</dc:identifier>
      <dc:identifier>https://repository.example/items/{name}</dc:identifier>
    </oai_dc:dc></metadata></record>"""


def records(*rows: str, token: str | None = None, answered: str = "2026-03-05T10:15:00Z") -> Reply:
    """An answer to ListRecords; token None leaves the element out, "" says it is the last page."""
    more = "" if token is None else (
        f'<resumptionToken completeListSize="4" cursor="0" expirationDate="2026-03-06T00:00:00Z">'
        f"{token}</resumptionToken>"
    )  # fmt: skip
    return oai(f"<ListRecords>{''.join(rows)}{more}</ListRecords>", answered)


def oai_error(code: str, text: str = "") -> Reply:
    return oai(f'<error code="{code}">{text}</error>', "2026-03-05T10:15:00Z")


def oai(inside: str, answered: str) -> Reply:
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        'xsi:schemaLocation="http://www.openarchives.org/OAI/2.0/ '
        'http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd">'
        f"<responseDate>{answered}</responseDate>"
        '<request verb="ListRecords">https://repository.example/oai</request>'
        f"{inside}</OAI-PMH>"
    )
    return 200, {"Content-Type": "text/xml; charset=utf-8"}, text.encode()


BOMB = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;">]><OAI-PMH>&c;</OAI-PMH>"""


# --- NASA -----------------------------------------------------------------------------------------


def nasa_row(number: int, title: str, text: str, category: str = "materials and coatings") -> Any:
    """A row of `results`, as long as the service makes it."""
    case = f"LEW-TOPS-{number}"
    return [
        f"5f8{number:021d}", case, title, text, case, category, "", "", "", "Glenn",
        f"https://ntts.example/figure{number}.jpg", "", 1.5,
    ]  # fmt: skip


def nasa(rows: list[Any], total: int | None = None, page: int = 0) -> Reply:
    size = len(rows)
    body = {"results": rows, "count": size, "total": size if total is None else total,
            "perpage": 10, "page": page}  # fmt: skip
    return 200, {"Content-Type": "application/json"}, json.dumps(body).encode()


# --- JSON Feed ------------------------------------------------------------------------------------


def feed(items: list[dict[str, Any]], etag: str = "", **more: Any) -> Reply:
    body = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Offers",
        "items": items,
        **more,
    }
    headers = {"Content-Type": "application/feed+json", **({"ETag": etag} if etag else {})}
    return 200, headers, json.dumps(body, ensure_ascii=False).encode()
