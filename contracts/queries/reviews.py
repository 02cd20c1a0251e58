"""What was read in the texts of a contract, for those who may open them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from contracts.models import ClauseReview, Contract, ContractFile
from contracts.queries import ties
from contracts.queries.visibility import is_of_parties
from contracts.rule_sets import RuleSet, all_rule_sets, rule_set
from contracts.rule_sets.clause_rules import Content, Said, Silence
from listings.document_reading import DOCX, PDF
from marketplace.core.actor import Actor
from marketplace.core.errors import Refused

READABLE = {"kind": "contract", "media_type__in": [PDF, DOCX]}
WAITING, PICTURE = "waiting", "picture"  # states without a stored review


@dataclass(frozen=True)
class FoundContent:
    content: Content
    place: int
    quote: str


@dataclass(frozen=True)
class MissingContent:
    """silence: what holds then, None where the law has no default."""

    content: Content
    silence: Silence | None


@dataclass(frozen=True)
class LintFinding:
    code: str
    name: Said
    place: int
    quote: str


@dataclass(frozen=True)
class Report:
    """What was found in one file. state: of ClauseReview, `waiting` before it was read, `picture`
    for a file without a text."""

    file: ContractFile
    state: str
    review: ClauseReview | None
    found: Sequence[FoundContent] = ()
    missing: Sequence[MissingContent] = ()
    lint: Sequence[LintFinding] = ()

    @property
    def usual(self) -> int:
        """How many contents are usual for the type."""
        return len(self.found) + len(self.missing)


def require_open_files(contract: Contract, actor: Actor) -> None:
    """For somebody who may see the contract: raises Refused to a registrar who is tied."""
    if not opens_files(contract, actor):
        raise Refused("tied", _("You are tied to a party, so its files are closed to you."))


def opens_files(contract: Contract, actor: Actor) -> bool:
    return is_of_parties(contract, actor) or not ties.is_tied(actor.user_id, contract)


def reports(contract: Contract) -> list[Report]:
    """A report for each contract text, in the order of the files. One query beside the files.

    Only for whoever may open the files (`opens_files`). A review that older lists made counts as
    none, and so does one made for somebody else's file of the same bytes before this one came: that
    it was there at once would tell that the file is known.
    """
    files = [file for file in contract.files.all() if file.kind == READABLE["kind"]]
    rules = rule_set(contract.rule_set)
    own = ContractFile.objects.filter(contract_id=contract.pk, sha256=OuterRef(OuterRef("sha256")))
    stored = {
        row.sha256: row
        for row in ClauseReview.objects.filter(
            rule_set=contract.rule_set,
            edition=rules.clauses.edition,
            sha256__in=[file.sha256 for file in files],
            made_at__gte=Subquery(_came_at(OuterRef("sha256"), Subquery(own.values("file")[:1]))),
        )
    }
    return [_report(file, stored.get(file.sha256), contract, rules) for file in files]


def needing_review(
    *, contract_id: int | None = None, limit: int | None = None
) -> list[tuple[str, str]]:
    """(sha256, rule set) of texts without a review made since they came with the present lists of
    clauses."""
    present = Q()
    for code, rules in all_rule_sets().items():
        present |= Q(rule_set=code, edition=rules.clauses.edition)
    made = ClauseReview.objects.filter(
        present,
        sha256=OuterRef("sha256"),
        rule_set=OuterRef("contract__rule_set"),
        made_at__gte=Subquery(_came_at(OuterRef(OuterRef("sha256")), OuterRef(OuterRef("file")))),
    )
    rows = ContractFile.objects.filter(~Exists(made), **READABLE)
    if contract_id is not None:
        rows = rows.filter(contract_id=contract_id)
    pairs = rows.order_by("-id").values_list("sha256", "contract__rule_set")
    return list(dict.fromkeys(pairs[:limit] if limit else pairs))


def _came_at(sha256: Any, file: Any) -> "QuerySet[ContractFile, Any]":
    """When a stored file came; an amendment shares that of the edition before it."""
    shared = ContractFile.objects.filter(sha256=sha256, file=file)
    return shared.order_by("created_at").values("created_at")[:1]


def _report(
    file: ContractFile, review: ClauseReview | None, contract: Contract, rules: RuleSet
) -> Report:
    if file.media_type not in READABLE["media_type__in"]:
        return Report(file, PICTURE, None)
    if review is None:
        return Report(file, WAITING, None)
    if review.state != ClauseReview.State.READ:
        return Report(file, review.state, review)
    clauses = rules.clauses
    seen = {row["code"]: row for row in review.contents}
    usual = [one for one in clauses.contents if one.applies(contract.type, contract.sub_type)]
    return Report(
        file,
        review.state,
        review,
        [
            FoundContent(one, seen[one.code]["place"], seen[one.code]["quote"])
            for one in usual
            if one.code in seen
        ],
        [
            MissingContent(one, clauses.in_silence(one.code, contract.type, contract.sub_type))
            for one in usual
            if one.code not in seen
        ],
        [
            LintFinding(row["code"], clauses.lint.name(row["code"]), row["place"], row["quote"])
            for row in review.lint
        ],
    )
