"""Cases of the demo broker on the board of its alliance: one open, one claimed, and one that a
member carries on, with a fee that both share."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Alliance, User
from accounts.queries import actor_for
from contracts.models import Contract
from deals.actions.alliance_terms import set_alliance_terms
from deals.actions.brokerage import agree_brokerage
from deals.actions.case_parts import tie_case
from deals.actions.commissions import approve_statement, draft_statement
from deals.actions.referral_carrying import report
from deals.actions.referrals import claim_referral, confirm_claim, publish_referral
from deals.models import Case, Referral
from marketplace.core.actor import Actor
from marketplace.demo.names import MAIL_DOMAIN, stable_id
from marketplace.demo.parties import Parties

INSTITUTION, ALLIANCE, CONTRACT = "bay-area-ttc", "bay-relay", "demo:c07"
LEAD, BROKER, CARRIER, DIRECTOR = (
    "bay-area-ttc-owner", "binhai-broker", "qiaoliang-broker", "qiaoliang-director",
)  # fmt: skip
# title of the case, title and words on the board
OPEN = (
    "水厂膜污染预警", "膜污染在线预警技术",
    "华南一家水务企业，三座水厂共用超滤工艺，希望提前两周预警膜污染。需要能到现场测试的技术提供方。",
)  # fmt: skip
CLAIMED = (
    "静音散热风扇", "小型静音散热方案",
    "家电企业，整机噪声要求低于 22 dB(A)，年用量约八十万台。可安排与研发部门直接沟通。",
)  # fmt: skip
CARRIED = (
    "废旧电池钴回收中试", "钴回收中试许可方",
    "再生资源企业已建成中试线，寻找萃取工艺的普通许可。希望由熟悉高校许可的机构共同推进。",
)  # fmt: skip
REPORT = "双方已完成两轮谈判，许可合同已登记，首期款按约支付。"
TIERS = (("0", "5"), ("1000000", "3"))


@transaction.atomic
def load_referrals(parties: Parties) -> None:
    """All of it, once."""
    institution = parties.organisations[INSTITUTION]
    alliance = Alliance.objects.filter(public_id=stable_id("alliance", ALLIANCE)).first()
    contract = Contract.objects.filter(origin=CONTRACT, number__isnull=False).first()
    if (
        alliance is None
        or contract is None
        or not {BROKER, CARRIER, DIRECTOR} <= set(parties.people)
    ):
        return
    if Referral.objects.filter(publisher=institution).exists():
        return
    if LEAD in parties.people:
        set_alliance_terms(
            actor=_actor(parties.people[LEAD]), alliance_id=alliance.pk,
            referring_percent=Decimal(40), claim_days=14, report_days=30,
        )  # fmt: skip
    broker = _actor(User.objects.get(email=f"broker@{MAIL_DOMAIN}"))
    carrier = _actor(parties.people[CARRIER])
    _publish(broker, alliance, OPEN, mode="share", choice="pick")
    claimed = _publish(broker, alliance, CLAIMED, mode="hand_over", choice="first")
    carried = _publish(broker, alliance, CARRIED, mode="share", choice="pick")
    if claimed is not None:
        claim_referral(
            actor=_actor(parties.people[BROKER]), referral_id=claimed.pk, accepts_split=True,
            words="滨海大学热管理团队可在一个月内提供样机。",
        )  # fmt: skip
    if carried is None:
        return
    claim = claim_referral(
        actor=carrier, referral_id=carried.pk, accepts_split=True, words="我们代理相关高校的许可。"
    )
    confirm_claim(actor=broker, referral_id=carried.pk, claim=claim.public_id)
    report(actor=carrier, referral_id=carried.pk, body=REPORT)
    carried.refresh_from_db()
    _fee(carrier, _actor(parties.people[DIRECTOR]), carried, contract)


def _publish(
    actor: Actor, alliance: Alliance, told: tuple[str, str, str], **more: Any
) -> Referral | None:
    title, on_the_board, words = told
    case = Case.objects.filter(organisation__public_id=stable_id("organisation", INSTITUTION),
                               title=title).exclude(state="closed").first()  # fmt: skip
    if case is None:
        return None
    return publish_referral(
        actor=actor, case_id=case.pk, alliance=alliance.public_id,
        facts={
            "title": on_the_board, "words": words, "seeks": "provider",
            "referring_percent": Decimal(40), "closing_percent": Decimal(60),
            "claim_by": timezone.localdate() + dt.timedelta(days=14), "report_days": 30, **more,
        },
    )  # fmt: skip


def _fee(carrier: Actor, director: Actor, referral: Referral, contract: Contract) -> None:
    """Drafted by the broker who closed the deal, approved by the other owner."""
    case_id = referral.carried_case_id
    assert case_id is not None
    tie_case(actor=carrier, case_id=case_id, kind="contract", public_id=contract.public_id)
    agree_brokerage(
        actor=carrier, case_id=case_id,
        facts={
            "client": "南岭再生资源有限公司", "currency": contract.currency, "due": "signing",
            "signed_on": timezone.localdate() - dt.timedelta(days=60), "minimum": Decimal(8000),
            "cap": None, "costs_cap": Decimal(5000),
            "tiers": [
                {"above": Decimal(above), "percent": Decimal(percent)} for above, percent in TIERS
            ],
        },
    )  # fmt: skip
    statement = draft_statement(
        actor=carrier, case_id=case_id,
        facts={"costs": Decimal("1280.50"), "costs_for": "两次现场考察的差旅费"},
    )  # fmt: skip
    approve_statement(actor=director, statement_id=statement.pk)


def _actor(user: User) -> Actor:
    return actor_for(user, "zh-hans")
