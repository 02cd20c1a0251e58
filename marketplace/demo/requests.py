"""Requests for help of the demo enterprise (one waits for the alliance, one was answered), and a
visit there."""

import datetime as dt

from django.db import transaction
from django.utils import timezone

from accounts.models import Alliance, User
from accounts.queries import actor_for
from deals.actions.request_work import answer_request, take_request
from deals.actions.requests import ask_for_help
from deals.actions.visits import record_visit
from deals.models import LocatorRequest
from deals.queries.requests import askers
from marketplace.core.actor import Actor
from marketplace.demo.names import MAIL_DOMAIN, stable_id
from marketplace.demo.parties import Parties

INSTITUTION, ALLIANCE = "bay-area-ttc", "bay-relay"
# title, words, field, days until an answer is wanted
WAITS = (
    "耐高温密封件",
    "我们的反应釜密封件在三百摄氏度下一周就失效，进口件交期要四个月。想找国内能做到半年以上的材料或结构，"
    "口径二百毫米，介质含少量氯离子。",
    "new_materials", 14,
)  # fmt: skip
DONE = (
    "产线噪声定位",
    "包装线有一处间歇性噪声，换过轴承仍未解决。想找能在现场定位声源的方法，最好不停产。",
    "advanced_manufacturing", 21,
)  # fmt: skip
ANSWER = (
    "建议先用声学相机做一次现场定位，我们可以约湾区两家实验室本月上门。若要长期监测，再谈在线方案。"
)

FINDINGS = (
    ("注塑车间换色一次要废掉约四十公斤料，希望缩短清机时间，对停机两小时以上的改造不接受。",
     "advanced_manufacturing"),
    ("总装线靠人工听音判断风扇异响，漏检约百分之二，想了解自动判定的可行性和费用。",
     "electronic_information"),
)  # fmt: skip


@transaction.atomic
def load_requests(parties: Parties) -> None:
    """All of it, once."""
    institution = parties.organisations[INSTITUTION]
    alliance = Alliance.objects.filter(public_id=stable_id("alliance", ALLIANCE)).first()
    asker, broker = _actor("enterprise"), _actor("broker")
    asking = askers(asker).first()
    if alliance is None or asking is None or LocatorRequest.objects.filter(asker=asking).exists():
        return
    _ask(asker, asking.public_id, alliance.public_id, WAITS)
    row = _ask(asker, asking.public_id, institution.public_id, DONE)
    take_request(actor=broker, request_id=row.pk)
    answer_request(actor=broker, request_id=row.pk, body=ANSWER)
    record_visit(
        actor=broker, institution=institution.public_id,
        facts={
            "organisation": asking.public_id, "people": "林航；灯塔家电 生产部、设备部",
            "visited_on": timezone.localdate() - dt.timedelta(days=9),
        },
        findings=[{"words": words, "field": field} for words, field in FINDINGS],
    )  # fmt: skip


def _ask(
    actor: Actor, organisation: str, to: str, told: tuple[str, str, str, int]
) -> LocatorRequest:
    title, words, field, days = told
    day = timezone.localdate() + dt.timedelta(days=days)
    facts = {"to": to, "title": title, "words": words, "field": field, "answer_by": day}
    return ask_for_help(actor=actor, organisation=organisation, facts=facts)


def _actor(role: str) -> Actor:
    return actor_for(User.objects.get(email=f"{role}@{MAIL_DOMAIN}"), "zh-hans")
