"""Measure pages, API, matching and import on a scratch market of given sizes."""

import io
import json
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Organisation
from listings import alerts, terms
from listings.actions import lifecycle
from listings.actions.content import apply_content
from listings.actions.specifications import replace_parts
from listings.models import Listing, NewListing, SavedSearch, SearchHit
from listings.models.listings import Kind, State, Tier
from listings.queries import browse
from listings.wanted import Wanted
from marketplace.bench import (
    cases,
    income,
    market,
    matching,
    others,
    register,
    registrars,
    rematch,
    rooms,
    sales,
    search,
    servers,
    valuing,
)
from marketplace.bench.measure import PeakMemory, line, time_requests, timed, wait_for
from marketplace.bench.searches import make_searches, note_newest
from marketplace.celery import app as celery_app
from marketplace.core.actor import Actor
from marketplace.core.models import Job
from marketplace.demo.entries import Entry, authored, content_of
from marketplace.demo.parties import Parties, load_parties
from marketplace.demo.postings import load_postings
from marketplace.demo.scale import load_scaled
from marketplace.evaluation.figures import figures
from marketplace.evaluation.market import demo_names
from marketplace.evaluation.sets import Question, demo_set
from marketplace.messages.catalogues import compile_catalogues
from matching.models import MatchRun

REQUESTS = 200
FULL = 1_000_000
REGISTER, REGISTER_FULL = 100_000, 5_000_000
RECEIPTS = 100_000
PUBLISHED = 20
IMPORTED = 5000
SEARCHES = 10_000
NEW = 1_000


class Command(BaseCommand):
    help = "Print one JSON object per figure; see docs/reference/bench.md."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000])
        parser.add_argument("--contracts", type=int, nargs="+", default=[REGISTER])
        parser.add_argument(
            "--full",
            action="store_true",
            help="also a million listings and 5 million contracts (hours)",
        )
        parser.add_argument("--keep", action="store_true", help="leave the database for a next run")
        parser.add_argument("--only", default="", help="only benches whose name holds this text")

    def handle(self, *args: Any, **options: Any) -> None:
        if not (settings.DEMO or settings.DEBUG or settings.TESTING):
            raise CommandError("Measuring makes a demo market: set DEMO=true on a machine for it.")
        self.only: str = options["only"]
        # What `make run` prepares and a machine that only measures has not.
        call_command("collectstatic", interactive=False, verbosity=0)
        compile_catalogues()
        with market.scratch_database(keep=options["keep"]) as url:
            env = servers.environment(url)
            celery_app.conf.broker_url = env["REDIS_URL"]  # our pings are for the bench's worker
            call_command("migrate", verbosity=0, stdout=io.StringIO())
            parties = load_parties()
            load_postings(parties.organisations)
            self._quality()
            self._valuing()
            self._rematch(env)
            sizes = [*options["sizes"], *([FULL] if options["full"] else [])]
            for wanted in sorted(sizes):
                self._fill(wanted, parties.organisations)
                size = max(wanted, Listing.objects.count())  # a database that was kept holds more
                self._search(size)
                self._others(size)
                self._pages(size, env)
                self._publish(size, env, parties.organisations)
                self._alerts(size, parties.organisations)
            self._import(parties.organisations)
            if self._wanted("cases"):
                for name, number, took in cases.measure(parties):
                    self._print(line(name, number, took, wall=sum(took), peak=0))
            self._rooms(env)
            self._sales()
            point = Organisation.objects.filter(is_registration_point=True).order_by("pk")[0]
            for wanted in [*options["contracts"], *([REGISTER_FULL] if options["full"] else [])]:
                self._register(wanted, point)
                self._registrars(wanted, parties, point)
                self._income(point)

    def _valuing(self) -> None:
        """Monte Carlo of a valuation."""
        if self._wanted("monte carlo"):
            took = valuing.simulated()
            self._print(line("monte carlo", valuing.DRAWS, took, wall=sum(took), peak=0))

    def _register(self, size: int, point: Organisation) -> None:
        """Figures of the register, its search, and registering a contract."""
        if not any(self._wanted(name) for name in ("figures", "register")):
            return
        if rate := register.fill(size, point):
            told = {
                "bench": "made register", "n": size, "rows_per_s": round(rate, 1),
                "rebuild_s": round(register.rebuild(), 1),
            }  # fmt: skip
            self._print(json.dumps(told))
        for name, calls in register.benches(point).items():
            if self._wanted(name):
                _, took = search.measure(calls)
                self._print(line(name, size, took, wall=sum(took), peak=0))

    def _registrars(self, size: int, parties: Parties, point: Organisation) -> None:
        """Filling in, submitting, and twenty registrars beside that many contracts."""
        if self._wanted("register: fill in, submit, 20 registrars, certificate"):
            for name, took, wall in registrars.measure(parties, point):
                self._print(line(name, size, took, wall=wall, peak=0))

    def _income(self, point: Organisation) -> None:
        """A run of distribution over many receipts."""
        if self._wanted("distribution over receipts"):
            register.fill(1, point)  # where the register is not measured
            drafted, approved = income.measure(RECEIPTS)
            told = {
                "bench": "distribution over receipts", "n": RECEIPTS,
                "draft_s": round(drafted, 1), "approve_s": round(approved, 1),
            }  # fmt: skip
            self._print(json.dumps(told))

    def _fill(self, size: int, organisations: dict[str, Organisation]) -> None:
        """Make listings up to the size, and what the clock and autovacuum would have done."""
        seconds: list[float] = []
        before = Listing.objects.count()
        if before >= size and market.is_indexed():  # of a database that was kept
            return
        with market.indexed_after() as built, timed(seconds):
            for _total, _rate in load_scaled(organisations, size, market.MadeMeanings()):
                pass
        with timed(seconds):
            terms.count_terms()
        market.settle()
        self._print(
            json.dumps(
                {
                    "bench": "made", "n": size,
                    "rows_per_s": round((Listing.objects.count() - before) / seconds[0], 1),
                    "indexes_s": built, "terms_s": round(seconds[1], 1),
                    "megabytes": market.index_sizes(),
                }
            )
        )  # fmt: skip

    def _search(self, size: int) -> None:
        """The same questions and needs in this process: seconds in the database, and in all."""
        for name, ask in {**search.benches(), **self._matching()}.items():
            if not self._wanted(name):
                continue
            in_database, in_all = search.measure(ask)
            self._print(line(f"{name}, database", size, in_database, wall=0, peak=0))
            self._print(line(f"{name}, all", size, in_all, wall=sum(in_all), peak=0))

    def _matching(self) -> dict[str, list[Callable[[], Any]]]:
        return matching.benches() if self._wanted("match one need") else {}

    def _quality(self) -> None:
        """nDCG@10 of the committed questions on the demo market: ours and what could be taken."""
        if not self._wanted("quality") or Listing.objects.count() > len(list(authored())):
            return
        terms.count_terms()
        market.settle()
        given, names = demo_set(), demo_names()
        asked = {question.name: _wanted_of(question) for question in given.questions}
        with others.engines() as engines:
            for engine in engines:
                engine.fill(others.rows())
            answers: dict[str, Callable[[Wanted], list[int]]] = {
                "ours": _ours,
                **{engine.name: engine.ask for engine in engines},
            }
            for name, answer in answers.items():
                found = {
                    one: [names[pk] for pk in answer(wanted) if pk in names]
                    for one, wanted in asked.items()
                }
                row = figures(given.graded, found).as_dict()
                self._print(json.dumps({"bench": f"quality: {name}", "n": len(names), **row}))

    def _rematch(self, env: dict[str, str]) -> None:
        """The demo market alone; a database that was kept holds more, and would take hours."""
        if self._wanted("re-match") and Listing.objects.count() <= len(list(authored())):
            for text in rematch.lines(env):
                self._print(text)

    def _others(self, size: int) -> None:
        """What could be taken in place of our search, on the same words."""
        if not self._wanted("instead"):
            return
        with others.engines() as engines:
            for engine in engines:
                seconds = others.filled(engine)
                self._print(
                    json.dumps(
                        {
                            "bench": f"made instead: {engine.name}", "n": size,
                            "rows_per_s": round(Listing.objects.count() / seconds, 1),
                            "megabytes": round(engine.megabytes(), 1),
                        }
                    )
                )  # fmt: skip
                for name, calls in search.compared(engine).items():
                    _, took = search.measure(calls)
                    self._print(
                        line(f"instead: {engine.name}, {name}", size, took, wall=sum(took), peak=0)
                    )

    def _pages(self, size: int, env: dict[str, str]) -> None:
        ids = list(
            Listing.objects.filter(
                state=State.PUBLISHED, visibility=Tier.PUBLIC, kind=Kind.TECHNOLOGY
            )
            .order_by("-pk")
            .values_list("public_id", flat=True)[:50]
        )
        benches = {
            "home": ["/"],
            "browse": ["/technologies/", "/needs/"],
            "browse filtered": [
                "/technologies/?field=new_energy&trl_min=6",
                "/technologies/?field=new_materials&mode=ordinary_licence",
                "/needs/?field=advanced_manufacturing",
            ],
            "search": [
                "/technologies/?q=battery+electrolyte",
                "/technologies/?q=%E6%B6%82%E5%B1%82",
                "/technologies/?q=wastewater+membrane",
                "/needs/?q=%E6%A3%80%E6%B5%8B",
            ],
            "listing page": [f"/technologies/{public_id}/" for public_id in ids],
            "api list of 50": ["/api/v1/technologies/?page_size=50"],
        }
        with servers.web(env) as (port, process), PeakMemory(process.pid) as memory:
            for name, paths in benches.items():
                if self._wanted(name):
                    seconds, wall = time_requests(port, paths, total=REQUESTS)
                    self._print(line(name, size, seconds, wall=wall, peak=memory.megabytes))

    def _publish(
        self, size: int, env: dict[str, str], organisations: dict[str, Organisation]
    ) -> None:
        """From the moment of publishing until the matcher has stored its run of that version."""
        if not self._wanted("publish to matched"):
            return
        everything = list(authored())
        frames = everything[:: len(everything) // PUBLISHED][:PUBLISHED]
        seconds: list[float] = []
        with servers.worker(env) as process, PeakMemory(process.pid) as memory:
            # The demo market's own matches first.
            wait_for("an empty outbox", lambda: not _due().exists(), 900)
            started = time.perf_counter()
            for number, frame in enumerate([frames[0], *frames]):  # the first warms the worker up
                draft = self._draft(frame, organisations)
                took: list[float] = []
                with timed(took):
                    published = lifecycle.submit(actor=Actor.system(), listing_id=draft.pk)
                    runs = MatchRun.objects.filter(
                        listing_id=draft.pk, listing_version=published.version
                    )
                    wait_for("a match run", runs.exists, 120)
                if number:
                    seconds.extend(took)
            wall = time.perf_counter() - started
        self._print(line("publish to matched", size, seconds, wall=wall, peak=memory.megabytes))

    def _alerts(self, size: int, organisations: dict[str, Organisation]) -> None:
        """New listings held against all saved searches, hits and jobs stored."""
        if not self._wanted("alerts"):
            return
        if not SavedSearch.objects.exists():
            make_searches(SEARCHES, list(organisations.values()))
        NewListing.objects.all().delete()
        SearchHit.objects.all().delete()
        note_newest(NEW)
        seconds: list[float] = []
        with timed(seconds):
            alerts.check_new()
        hits = SearchHit.objects.count()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        self._print(
            json.dumps(
                {
                    "bench": f"alerts: {NEW} new, {SEARCHES} searches, {hits} hits", "n": size,
                    "p50_ms": round(seconds[0] * 1000, 1), "p95_ms": None,
                    "rps": round(NEW / seconds[0], 1), "peak_mb": round(peak, 1),
                }
            )
        )  # fmt: skip

    def _draft(self, frame: Entry, organisations: dict[str, Organisation]) -> Listing:
        owner = organisations[frame.row["owner"]]
        listing = Listing(kind=frame.kind, owner=owner, country=owner.country, region=owner.region)
        parts = apply_content(listing, content_of(frame))
        listing.save()
        replace_parts(parts, listing)
        return listing

    def _import(self, organisations: dict[str, Organisation]) -> None:
        """Rows a second of `import_listings` into the largest size, meanings left for later."""
        if not self._wanted("import"):
            return
        owner = organisations["bay-area-ttc"]
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "rows.jsonl"
            frames = list(authored())
            with path.open("w", encoding="utf-8") as file:
                for number in range(IMPORTED):
                    row = frames[number % len(frames)].row
                    record = {
                        "id": f"bench-{number}",
                        "title": f"{_text(row['title'])} {number}",
                        "abstract": f"{_text(row['summary'])} {_text(row.get('body') or {})}",
                    }
                    file.write(json.dumps(record, ensure_ascii=False) + "\n")
            total = Listing.objects.count()
            seconds: list[float] = []
            with timed(seconds):
                call_command(
                    "import_listings", str(path), source="bench", owner=owner.public_id,
                    kind="technology", map="id=external_id,title=title_en,abstract=body_en",
                    set=["field=new_materials"], stdout=io.StringIO(),
                )  # fmt: skip
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        self._print(
            json.dumps(
                {
                    "bench": "import rows", "n": total, "p50_ms": None, "p95_ms": None,
                    "rps": round(IMPORTED / seconds[0], 1), "peak_mb": round(peak, 1),
                }
            )
        )  # fmt: skip

    def _rooms(self, env: dict[str, str]) -> None:
        """A long thread's page, and what it costs that people leave their rooms open."""
        if not self._wanted("deal rooms"):
            return
        with servers.web(env) as (port, process), PeakMemory(process.pid) as memory:
            for name, seconds, wall in rooms.measure(port):
                self._print(
                    line(f"deal rooms: {name}", rooms.MESSAGES, seconds, wall=wall,
                         peak=memory.megabytes)
                )  # fmt: skip

    def _sales(self) -> None:
        """Five hundred bids that come at once, at the lock of one row."""
        name = f"auction: {sales.BIDS} bids in the last second"
        if self._wanted(name):
            took, wall = sales.measure()
            self._print(line(name, sales.BIDS, took, wall=wall, peak=0))

    def _wanted(self, name: str) -> bool:
        return self.only in name

    def _print(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()


def _due() -> QuerySet[Job]:
    return Job.objects.filter(state=Job.State.WAITING, run_after__lte=timezone.now())


def _ours(wanted: Wanted) -> list[int]:
    return [hit.pk for hit in browse.answers(wanted, Actor.visitor())]


def _wanted_of(question: Question) -> Wanted:
    return Wanted(kind=question.kind, question=question.text)


def _text(texts: dict[str, str]) -> str:
    return texts.get("en") or texts.get("zh") or ""
