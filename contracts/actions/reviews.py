"""Have contract texts read in the background, and forget what was read with the file."""

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from contracts.models import ClauseReview, Contract, ContractFile
from contracts.queries.reviews import READABLE, needing_review
from contracts.review.contents import find_contents
from contracts.review.lint import find_lint
from contracts.review.passages import Found, language_of, passages
from contracts.rule_sets import RuleSet, rule_set
from listings.document_text import Interrupted, Parts, parts_of
from marketplace.core.jobs import enqueue
from marketplace.core.models import Job

JOB = "contracts.review_file"
BATCH = 500  # files that one tick of the clock asks for
State = ClauseReview.State


def ask_review(contract: Contract) -> None:
    """Queue the reading of a contract's texts that were not yet read with its rules. Call it in
    the transaction that changes the files or the signing date."""
    for sha256, code in needing_review(contract_id=contract.pk):
        _enqueue(sha256, code)


def ask_due() -> int:
    """Queue what was never read, or was read with older lists of clauses; returns how many.

    Forgets what was read in files that are gone, however they went.
    """
    there = ContractFile.objects.filter(sha256=OuterRef("sha256"), **READABLE)
    ClauseReview.objects.filter(~Exists(there)).delete()
    due = needing_review(limit=BATCH)
    for sha256, code in due:
        _enqueue(sha256, code)
    return len(due)


def review_file(*, sha256: str, rules_code: str) -> None:
    """Read a file's bytes with a rule set and keep what was found; again changes nothing.

    Nothing is kept when the file is gone. The state says what could not be read. Raises
    Interrupted when the reader was ended from outside, unless this is the job's last try.
    """
    row = _file(sha256)
    if row is None:
        return
    with row.file.open("rb") as stored:
        content = stored.read()
    rules = rule_set(rules_code)
    is_last = _is_last_try(sha256, rules_code)
    facts = review_content(content, row.media_type, rules, gives_up=is_last)
    with transaction.atomic():
        # whoever takes the file off waits for the review and then forgets it
        files = ContractFile.objects.filter(sha256=sha256, **READABLE)
        if not files.select_for_update(no_key=True).order_by("id"):  # taken off while it was read
            return
        ClauseReview.objects.update_or_create(sha256=sha256, rule_set=rules_code, defaults=facts)


def review_content(
    content: bytes, media_type: str, rules: RuleSet, *, gives_up: bool = True
) -> dict[str, object]:
    """The fields of a review. Never raises on the content; Interrupted when the reader was ended
    from outside, unless one gives up then."""
    facts: dict[str, object] = {
        "edition": rules.clauses.edition, "made_at": timezone.now(), "state": State.FAILED,
        "language": "", "unit": "", "read": 0, "total": 0, "contents": [], "lint": [],
    }  # fmt: skip
    try:
        told = parts_of(content, media_type)
    except Interrupted:
        if not gives_up:
            raise
        told = None
    if told is None:
        return facts
    facts |= {"unit": told.unit, "read": told.read, "total": told.total}
    if told.is_encrypted:
        return facts | {"state": State.ENCRYPTED}
    if not language_of(told.parts):
        return facts | {"state": State.NO_TEXT}
    return facts | _findings(told, rules) | {"state": State.READ}


def forget_reviews(sha256: str) -> None:
    """Forget what was read in a file that no contract has any more."""
    if _file(sha256) is None:
        ClauseReview.objects.filter(sha256=sha256).delete()


def _findings(told: Parts, rules: RuleSet) -> dict[str, object]:
    text = passages(told.parts, told.unit)
    return {
        "language": language_of(told.parts),
        "contents": _rows(find_contents(text, rules.clauses.contents)),
        "lint": _rows(find_lint(text, rules.clauses.lint)),
    }


def _rows(found: list[Found]) -> list[dict[str, object]]:
    return [{"code": one.code, "place": one.place, "quote": one.quote} for one in found]


def _file(sha256: str) -> ContractFile | None:
    return ContractFile.objects.filter(sha256=sha256, **READABLE).order_by("id").first()


def _enqueue(sha256: str, code: str) -> None:
    enqueue(JOB, {"sha256": sha256, "rule_set": code}, key=_key(sha256, code))


def _is_last_try(sha256: str, code: str) -> bool:
    """Whether the running job will not be tried again; also where no job runs."""
    running = Job.objects.filter(kind=JOB, key=_key(sha256, code), state=Job.State.RUNNING)
    return all(one.tries >= one.max_tries for one in running)


def _key(sha256: str, code: str) -> str:
    return f"{sha256}:{code}"
