"""Runs of distribution: draft, approve by a second person, reverse."""

import datetime as dt
from decimal import Decimal

from django.db import transaction
from django.db.models import Max, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from accounts.queries.organisations import people_with
from deals import event_kinds, notices
from deals.actions.income import locked_account
from deals.actions.receipts import reason
from deals.distribution.schemes import INVENTORS, Scheme
from deals.distribution.share import Distribution, distribute, split, unit_of
from deals.models import (
    Beneficiary,
    DistributionItem,
    DistributionLine,
    DistributionRun,
    IncomeAccount,
    Receipt,
)
from deals.queries.distribution import people_of_lines, runs_visible_to
from deals.queries.income import may_approve, totals, undistributed, unreimbursed
from deals.queries.own_schemes import by_code
from deals.rules import PARTY_ROLES
from events.actions import notify, record
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict, Message, NotFound, Refused, Stale, field_error
from marketplace.core.gates import lock

Kind = DistributionLine.Kind
CHUNK = 5_000
NOTHING = Decimal(0)


@transaction.atomic
def draft_run(
    *, actor: Actor, account_id: int, up_to: dt.date, expected_version: int | None = None
) -> DistributionRun:
    """Distribute by the account's scheme what came in up to a day and no run holds.

    The receipts are held from now on, until the draft is discarded. Raises Invalid (a day to come,
    no scheme, none in force on that day, no inventors), Conflict when a draft waits already or
    there is nothing to distribute.
    """
    account = locked_account(account_id, actor, expected_version)
    if up_to > timezone.localdate():
        raise field_error("up_to", _("This day is still to come."), code="in_the_future")
    scheme = _scheme(account, up_to)
    inventors = list(account.beneficiaries.all())
    if not inventors:
        raise field_error(
            "inventors", _("Say first who shares the inventors' part."), code="no_inventors"
        )
    _refuse_second_draft(account)
    receipts = undistributed(account, up_to)
    gross = receipts.aggregate(sum=Sum("booked"))["sum"] or NOTHING
    if gross <= 0:
        raise Conflict("nothing_to_distribute", _nothing(gross, has_rows=receipts.exists()))
    told = distribute(
        scheme, gross, costs=max(unreimbursed(account, up_to), NOTHING),
        cumulative=totals(account).net, unit=unit_of(account.currency),
    )  # fmt: skip
    run = DistributionRun.objects.create(
        account=account, up_to=up_to, scheme=scheme.code, currency=account.currency, gross=gross,
        deducted=gross - told.net, costs=told.costs, net=told.net, cumulative=told.cumulative,
        receipts_count=0, made_by_id=actor.user_id,
    )  # fmt: skip
    run.receipts_count = _hold(run, receipts)
    run.save(update_fields=["receipts_count"])
    DistributionLine.objects.bulk_create(_lines(run, scheme, told, inventors))
    _record(event_kinds.RUN_DRAFTED, actor, run)
    _tell_owners(run, actor)
    return run


@transaction.atomic
def discard_run(*, actor: Actor, run_id: int) -> None:
    """Give a draft up; its receipts are free again. Raises Conflict for an approved run."""
    run = _locked_run(run_id, actor)
    if not run.is_draft:
        raise Conflict("run_approved", _("An approved run stays. Reverse it instead."))
    _record(event_kinds.RUN_DISCARDED, actor, run)
    run.delete()


@transaction.atomic
def approve_run(
    *, actor: Actor, run_id: int, expected_version: int | None = None
) -> DistributionRun:
    """Freeze a draft: it gets its number, and beneficiaries can read their statements.

    Raises Refused to whoever is no owner or made the draft, Conflict when it is approved already,
    another scheme holds by now, or a receipt or cost of it was reversed or paid back since, Stale
    for an older version.
    """
    run = _locked_run(run_id, actor)
    if not run.is_draft:
        raise Conflict("run_approved", _("This run is approved already."))
    if not may_approve(run, actor):
        raise Refused(
            "second_person",
            _("A run is approved by an owner of the organisation who did not draft it."),
        )
    if expected_version is not None and expected_version != run.version:
        raise Stale("stale_version", _("The run has changed since you opened it. Reload it."))
    if run.reverses is None:
        _refuse_another_scheme(run)
        _refuse_reversed_receipts(run)
        _refuse_costs_that_are_gone(run)
    last = DistributionRun.objects.filter(account=run.account_id).aggregate(last=Max("number"))
    run.number = (last["last"] or 0) + 1
    run.state = DistributionRun.State.APPROVED
    run.approved_by_id, run.approved_at = actor.user_id, timezone.now()
    run.version += 1
    run.save(update_fields=["number", "state", "approved_by", "approved_at", "version"])
    if run.reverses is not None:  # its receipts are free again
        DistributionItem.objects.filter(run=run.reverses, holds=True).update(holds=False)
    _record(event_kinds.RUN_APPROVED, actor, run, number=run.number)
    _tell_of_approval(run, actor)
    return run


@transaction.atomic
def reverse_run(*, actor: Actor, run_id: int, words: str) -> DistributionRun:
    """Draft the run that takes an approved one back: the same lines, negative. Once a second
    person approves it, the receipts can be distributed anew.

    Only the newest run that stands can be reversed, since the thresholds of later ones count on
    it. Raises Invalid without words, Conflict.
    """
    old = _locked_run(run_id, actor)
    text = reason(words)
    if old.is_draft or old.reverses_id is not None:
        raise Conflict("not_reversible", _("Only an approved run can be reversed, and only once."))
    _refuse_second_draft(old.account)
    if DistributionRun.objects.filter(reverses=old).exists():
        raise Conflict("reversed_already", _("It is reversed already."))
    later = DistributionRun.objects.filter(
        account=old.account, number__gt=old.number, reverses__isnull=True, reversal__isnull=True
    ).order_by("-number").first()  # fmt: skip
    if later is not None:
        raise Conflict(
            "later_runs",
            _("Later runs count on this one. Reverse run %(number)s first.")
            % {"number": later.number},
        )
    run = DistributionRun.objects.create(
        account=old.account, up_to=old.up_to, scheme=old.scheme, currency=old.currency,
        gross=-old.gross, deducted=-old.deducted, costs=-old.costs, net=-old.net,
        cumulative=totals(old.account).net, receipts_count=old.receipts_count, words=text,
        reverses=old, made_by_id=actor.user_id,
    )  # fmt: skip
    _copy_negative(old, run)
    _record(event_kinds.RUN_REVERSAL_DRAFTED, actor, run, reverses=old.public_id)
    _tell_owners(run, actor)
    return run


# --- Inside --------------------------------------------------------------------------------------


def _locked_run(run_id: int, actor: Actor) -> DistributionRun:
    """The run, under the lock of its account: two steps at once come one after the other."""
    account_id = (
        runs_visible_to(actor).filter(pk=run_id).values_list("account_id", flat=True).first()
    )
    if account_id is None:
        raise NotFound
    locked_account(account_id, actor)
    return lock(DistributionRun.objects.select_related("account__organisation"), run_id)


def _scheme(account: IncomeAccount, day: dt.date) -> Scheme:
    scheme = by_code(account.scheme, day)
    if scheme is None:
        raise field_error("scheme", _("Choose first by which scheme it is distributed."))
    if not scheme.holds_on(day):
        raise field_error(
            "up_to", _("The scheme was not in force on this day. Choose another day or scheme.")
        )
    if not scheme.fits(account.currency):  # its version of that day counts in another one
        raise field_error(
            "scheme",
            _("The scheme counts in %(code)s. Choose another.") % {"code": scheme.currency},
        )
    return scheme


def _refuse_second_draft(account: IncomeAccount) -> None:
    waiting = DistributionRun.objects.filter(account=account, state="draft").first()
    if waiting is not None:
        raise Conflict(
            "draft_waits",
            _("A draft of a run waits already (%(id)s). Approve or discard it first.")
            % {"id": waiting.public_id},
        )


def _nothing(gross: Decimal, *, has_rows: bool) -> Message:
    if gross < 0:
        return _("What was reversed is more than what came in up to this day. Reverse the run that "
                 "distributed it.")  # fmt: skip
    if has_rows:
        return _("What came in up to this day and what was reversed cancel out: nothing is left.")
    return _("Nothing came in up to this day that is not distributed yet.")


def _hold(run: DistributionRun, receipts: QuerySet[Receipt]) -> int:
    """Items in chunks: an account may have very many receipts."""
    held, batch = 0, list[DistributionItem]()
    for pk, booked in receipts.values_list("pk", "booked").iterator(chunk_size=CHUNK):
        batch.append(DistributionItem(run=run, receipt_id=pk, amount=booked))
        if len(batch) == CHUNK:
            held += len(DistributionItem.objects.bulk_create(batch))
            batch = []
    return held + len(DistributionItem.objects.bulk_create(batch))


def _lines(
    run: DistributionRun, scheme: Scheme, told: Distribution, inventors: list[Beneficiary]
) -> list[DistributionLine]:
    """Every step, in the order in which it is read."""
    lines: list[DistributionLine] = []

    def add(
        kind: str, code: str, name_en: str, name_zh: str, amount: Decimal, **more: object
    ) -> None:
        lines.append(
            DistributionLine(
                run=run, position=len(lines), kind=kind, code=code, name_en=name_en,
                name_zh=name_zh, amount=amount, **more,
            )
        )  # fmt: skip

    for one in told.deductions:
        rate = [[str(one.base), str(one.rule.rate), "100"]] if one.rule.kind == "percent" else []
        add(
            Kind.DEDUCTION, one.rule.code, one.rule.name_en, one.rule.name_zh, one.amount,
            parts=rate,
        )  # fmt: skip
    for share in told.shares:
        party = scheme.party(share.party)
        add(
            Kind.SHARE, party.code, party.name_en, party.name_zh, share.amount,
            rounding=share.rounding,
            parts=[[str(one.amount), str(one.weight), str(one.of)] for one in share.slices],
        )  # fmt: skip
        if party.code == INVENTORS:
            weights = [one.percent for one in inventors]
            parts = split(share.amount, weights, unit_of(run.currency))
            for person, amount in zip(inventors, parts, strict=True):
                add(
                    Kind.INVENTOR, "", person.name, person.name, amount, email=person.email,
                    parts=[[str(share.amount), f"{person.percent.normalize():f}", "100"]],
                )  # fmt: skip
    return lines


def _copy_negative(old: DistributionRun, run: DistributionRun) -> None:
    DistributionLine.objects.bulk_create(
        DistributionLine(
            run=run, position=line.position, kind=line.kind, code=line.code,
            name_en=line.name_en, name_zh=line.name_zh, email=line.email,
            rounding=-line.rounding, amount=-line.amount,
        )
        for line in old.lines.all()
    )  # fmt: skip
    batch = [
        DistributionItem(run=run, receipt_id=receipt_id, amount=-amount, holds=False)
        for receipt_id, amount in old.items.values_list("receipt_id", "amount")
    ]
    DistributionItem.objects.bulk_create(batch, batch_size=CHUNK)


def _refuse_another_scheme(run: DistributionRun) -> None:
    """The account was given another scheme since, or its scheme another version for that day."""
    scheme = by_code(run.account.scheme, run.up_to)
    if scheme is None or scheme.code != run.scheme:
        raise Conflict(
            "scheme_changed",
            _("Another scheme, or another version of it, holds for this run since it was drafted. "
              "Discard the draft and make it anew."),
        )  # fmt: skip


def _refuse_reversed_receipts(run: DistributionRun) -> None:
    """What was reversed after the draft was made must not be paid out."""
    mine = DistributionItem.objects.filter(run=run)
    gone = Receipt.objects.filter(reverses__in=mine.values("receipt")).exclude(
        pk__in=mine.values("receipt")
    )
    if gone.exists():
        raise Conflict(
            "receipt_reversed",
            _("A receipt of this run was reversed after it was drafted. Discard the draft and make "
              "it anew."),
        )  # fmt: skip


def _refuse_costs_that_are_gone(run: DistributionRun) -> None:
    """A cost that was reversed, or paid back, after the draft was made must not be deducted: what
    is deducted too much never comes back, since what is not reimbursed is never below nothing."""
    if run.costs > max(unreimbursed(run.account, run.up_to), NOTHING):
        raise Conflict(
            "costs_changed",
            _("Costs that this run deducts were reversed or reimbursed after it was drafted. "
              "Discard the draft and make it anew."),
        )  # fmt: skip


def _record(kind: str, actor: Actor, run: DistributionRun, **data: object) -> None:
    record(
        kind, actor=actor, obj=run, organisation_ids=[run.account.organisation_id],
        data={"account": run.account.public_id, "scheme": run.scheme, **data},
    )  # fmt: skip


def _title(run: DistributionRun) -> dict[str, str]:
    contract = run.account.contract
    return {"title_en": contract.title_en, "title_zh": contract.title_zh}


def _tell_owners(run: DistributionRun, actor: Actor) -> None:
    """Owners who may approve it."""
    owners = Membership.objects.filter(
        organisation=run.account.organisation_id, roles__contains=["owner"], user__is_active=True
    ).values_list("user_id", flat=True)  # fmt: skip
    notify(
        set(owners) - {actor.user_id}, notices.RUN_WAITS,
        url=run.get_absolute_url(), params=_title(run), key=f"{notices.RUN_WAITS}-{run.public_id}",
    )  # fmt: skip


def _tell_of_approval(run: DistributionRun, actor: Actor) -> None:
    key = f"{run.public_id}-{run.number}"
    if run.made_by_id in people_with(run.account.organisation_id, *PARTY_ROLES):
        notify(
            [run.made_by_id], notices.RUN_APPROVED, url=run.get_absolute_url(),
            params={**_title(run), "number": run.number}, key=key,
        )  # fmt: skip
    for user_id, line in people_of_lines(run):
        notify(
            [user_id], notices.STATEMENT, url=f"/income/statements/{line.public_id}/",
            params=_title(run), key=line.public_id,
        )  # fmt: skip
