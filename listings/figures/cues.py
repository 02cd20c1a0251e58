"""Words around a figure: which way it bounds, under which condition it holds, what it is not."""

import re

from listings.figures.quantities import Quantity

# --- Bounds ---------------------------------------------------------------------------------------

_GE = (
    r"≥|≧|>=|>|不低于|不少于|不小于|不短于|不弱于|至少|最低|最少|起码|大于等于|大于|高于|超过|"
    r"多于|突破|长于|超(?=[\s\d])|"
    r"\bat least|\bno less than|\bnot less than|\bno fewer than|\bnot below|\bno lower than|"
    r"\bnot lower than|\bminimum(?: of)?|"
    r"\bmin\.?(?=\s)|\bmore than|\bgreater than|\bhigher than|\babove|\bover|\bexceed(?:s|ing|"
    r"ed)?|\bin excess of|"
    r"\blonger than|\bbeyond|\bupwards of"
)
_LE = (
    r"≤|≦|<=|<|不高于|不超过|不大于|不多于|不得超过|不得高于|不得大于|不长于|至多|最多|"
    r"最高不超过|小于等于|小于|低于|少于|短于|"
    r"\bat most|\bno more than|\bnot more than|\bno greater than|\bnot exceed(?:ing)?|"
    r"\bnot to exceed|\bno higher than|"
    r"\bnot above|\bnot over|\bno longer than|\bmaximum(?: of)?|\bmax\.?(?=\s)|\bless than|"
    r"\blower than|\bfewer than|"
    r"\bsmaller than|\bshorter than|\bbelow|\bunder|\bwithin|\bin under"
)
_BOUND = re.compile(rf"(?P<le>{_LE})|(?P<ge>{_GE})", re.IGNORECASE)
_AFTER_GE = re.compile(
    r"\s?(?:\+(?!\d)|[及或]?以上|或更[高长多]|及更高|起(?![到来])|(?:or|and) (?:more|above|"
    r"higher|better|longer|over)\b|minimum\b|min\b)",
    re.IGNORECASE,
)
_AFTER_LE = re.compile(
    r"\s?(?:[及或]?以下|[以之]?内(?!部|径|阻|壁)|或更[低短少]|(?:or|and) (?:less|below|lower|"
    r"fewer|shorter|faster|under)\b|maximum\b|max\b)",
    re.IGNORECASE,
)
_BETTER_THAN = re.compile(r"(?:优于|好于|\bbetter than)\s*$", re.IGNORECASE)
# "up to": the most that is reached, a good claim, and an upper bound of what has no better side.
_UP_TO = re.compile(r"(?:\bup to|最高可?达?|高达|最大可?达?)\s*$", re.IGNORECASE)
_DOWN_TO = re.compile(
    r"(?:降至|降到|降低到|降低至|降为|减至|减少到|减少至|缩短至|缩短到|控制在|压缩到|压缩至|"
    r"\bdown to|\bto)\s*$"
)


def bound_of(before: str, after: str) -> str:
    """ge, le or "": what the words before and after a figure say."""
    last = ""
    for match in _BOUND.finditer(before):
        last = match.lastgroup or ""
    if last:
        return last
    if _AFTER_GE.match(after):
        return "ge"
    return "le" if _AFTER_LE.match(after) else ""


def is_better_than(before: str) -> bool:
    return bool(_BETTER_THAN.search(before))


def is_up_to(before: str) -> bool:
    return bool(_UP_TO.search(before))


def has_bound_sign(before: str) -> bool:
    return bool(_BOUND.search(before))


# --- What may stand between a metric and its figure -----------------------------------------------

_LINK_ZH = (
    r"提高到|提高至|提升到|提升至|增加到|增至|降低到|降低至|降到|降至|降为|缩短到|缩短至|"
    r"减少到|减少至|延长到|延长至|控制在|"
    r"保持在|维持在|稳定在|保持|达到了|可达到|可达|应达到|需达到|达到|高达|达|最高|最低|最大|"
    r"最小|要求|需要|应该|必须|应当|应|须|需|"
    r"能够|可以|能|可|均|都|仍|还|也|在|为|是|有|到|至|约|大约|近|的|了|值|指标|目标|平均|一般|"
    r"典型|实测|测试|分别|长达|左右|从|由|不得|要|希望|"
    r"低至|低到|高至|优于|等|只|仅|的话|则|上|优|好"
)
_LINK_EN = (
    r"is|are|was|were|be|been|being|of|to|at least|at most|the|a|an|as|has|have|having|must|"
    r"should|shall|can|could|will|would|"
    r"needs?|required?|requires|reach(?:es|ed|ing)?|achiev(?:es|ed|e|ing)|attains?|attained|"
    r"measured|stays?|remains?|kept|"
    r"keeps?|up|down|low|high|about|around|approximately|approx|roughly|nearly|some|typically|"
    r"average|averages|values?|target|"
    r"from|ranges?|ranging|between|with|it|that|which|levels?|rated|only|just|still|even|"
    r"currently|now|both|all|we|want|and|stand|"
    r"spanning|covers|covering|typical|nominal|initial|final|total|overall|better|than|has to|"
    r"have to|in|for|against"
)
_LINK = re.compile(
    rf"{_BOUND.pattern}|\b(?:{_LINK_EN})\b|{_LINK_ZH}|[\s:：=≈~～（）()「」“”\"*＊]|[-–—](?!\d)",
    re.IGNORECASE,
)
_ASIDE = re.compile(r"[（(\[][^()（）\[\]\d]{0,24}[)）\]]")
_HAN = re.compile(r"[\u3400-\u9fff]")


def left_between(gap: str) -> str:
    """What of the words between a metric and a figure is neither a link nor an aside."""
    return _LINK.sub("", _ASIDE.sub("", gap))


def is_loose(rest: str, gap: str) -> bool:
    """Whether the rest is so short, and the link so plain, that the two still belong together."""
    if not rest or re.search(r"[,，、;；.。:：/\d]", rest):
        return False
    if not re.search(r"[≥≤<>=：:]|达|为|不|\bis\b|\bof\b|reach|at least|at most|achiev", gap):
        return False
    return len(_HAN.findall(rest)) <= 6 and len(rest.split()) <= 2 and len(rest) <= 24


_NEAR_AFTER = re.compile(
    r"\s?(?:[及或]?以[上下]|左右|[以之]内)?(?:的|高|超高|低|超低|超长|长|级)?\s?"
    r"(?:or (?:more|less|better|higher)\s)?(?:of\s)?(?:(?:the|initial|high|low|overall|total|"
    r"average|mean|typical|gravimetric)\s)*(?:[（(]?)",
    re.IGNORECASE,
)


def is_near_after(gap: str) -> bool:
    """Whether a metric follows its figure at once: 98.7% detection rate, 80%以上的容量保持率."""
    return bool(_NEAR_AFTER.fullmatch(gap))


# --- What a figure is not -------------------------------------------------------------------------

_CHANGE_ZH = re.compile(
    r"(?:提高|提升|增加|增长|增强|降低|减少|减小|下降|缩短|节省|节约|节能|节|降|减|升|上升|"
    r"改善|快|高出|高(?!达)|低|多|少|短|长|延长|扩大|损失|衰减|衰退|下滑|变化|波动|偏差|下跌|"
    r"涨)"
    r"(?:了|约|近|幅度|达|可达|达到|高达|一般)*\s*$"
)
_CHANGE_EN = re.compile(
    r"\b(?:by|another|extra|additional|further|plus|los(?:es?|t|ing)|los[st] of|drops? of|"
    r"fade of|fades?|increase of|increases?|increased|reductions? of|reduc(?:es?|ed|ing)|"
    r"decreas(?:es?|ed|e of)|improv(?:es?|ed|ing|ements? of)|rises?|rose|fell|falls?|cuts?|"
    r"cutting|sav(?:es?|ed|ing|ings of)|gains?(?: of)?|"
    r"lowers?|raises?|boosts?|change of|deviation of|shrinks?|varies)\s+(?:(?:about|around|"
    r"up to|nearly|some|roughly|approximately|as much as|the|its|their|energy|cost|costs)\s+)*$",
    re.IGNORECASE,
)
_CHANGE_AFTER = re.compile(
    r"\s?(?:points?\b|percentage points?|(?!or\b|and\b)(?:\w+\s)?(?:higher|lower|more|less|"
    r"faster|slower|cheaper|fewer|longer|shorter|greater|lighter|smaller|larger|stronger|"
    r"increase|improvement|"
    r"reduction|decrease|drop|loss|savings?|rise|off|discount|wider|quicker|thinner|"
    r"quieter)\b(?! than\s?\d)|above the\b|below the\b|of the (?:cost|price|market|patents|"
    r"customers|cases|time|budget|total|"
    r"project|investment|revenue|staff|companies|factories|sales)|of (?:customers|users|"
    r"companies|cost|costs|sales|revenue|respondents)|"
    r"个?百分点|的?(?:提升|提高|降低|下降|增长|减少|增幅|降幅|损失|衰减|成本|费用|企业|客户|"
    r"市场|股权|股份|人员|样品|用户|订单|项目|资金|利润|份额)|倍)",
    re.IGNORECASE,
)
_PRESENT = re.compile(
    r"目前|现有|现在|当前|眼下|如今|以往|以前|过去|原来|原先|此前|至今|今天|现阶段|现用|现行|"
    r"一直|只有|仅有|仅为|才|"
    r"\btoday|\bcurrent(?:ly)?\b|\bat present|\bpresent(?:ly)?\b|\bexisting\b|\bnow\b|"
    r"\bso far\b|\bonly\b|\buntil now|\bour (?:line|plant|cells|process|batteries)\b|"
    r"\bused to\b|\bpreviously\b|\bright now",
    re.IGNORECASE,
)
_OTHERS = re.compile(
    r"传统|常规|现有|原有|原来|市售|国外|进口|同类|竞品|对照|普通|商用|旧|行业平均|国标|国家标准|"
    r"\bconventional|\bcommercial|\bcompet(?:ing|itor|itors)\b|\bexisting|\btraditional|"
    r"\bstate[- ]of[- ]the[- ]art|\bthan\b(?!\s*$|\s[\d≥])|\binstead of|"
    r"\bversus\b|\bvs\b|\bcompared (?:with|to)|\brather than|\bstandard (?:products?|grades?|"
    r"cells?)|\bothers\b|\bup from\b|\bdown from\b|\bfrom the usual",
    re.IGNORECASE,
)
_WANTED = re.compile(
    r"要求|需要|需求|需|希望|目标|期望|寻求|想要|应|须|必须|期待|提高到|提升到|提高至|提升至|"
    r"降到|降至|降低到|控制在|不低于|不高于|不超过|不少于|不大于|≥|≤|"
    r"\bmust|\bneed(?:s|ed)?\b|\bshould|\bshall\b|\bwant(?:s|ed)?|\btarget|\brequir|\bgoal\b|"
    r"\bseek|\blook(?:s|ing)? for|\bwish|\bat least|\bat most|≥|≤|\baim",
    re.IGNORECASE,
)
_OURS = re.compile(
    r"本技术|本项目|本成果|本产品|我们的|我方|采用本|该技术|新工艺|\bour (?!line|plant|cells|"
    r"process|batteries)|\bours\b|\bthis (?:technology|process|material)",
    re.IGNORECASE,
)
_FAILS = re.compile(
    r"(?:不到|不足|未达到?|达不到|没有达到|没达到|未能达到|未能|无法|难以|尚未|不及|很难|做不到|"
    r"\bcannot|\bcan not\b|\bcan't|\bfails?\b|\bfailed\b|\bnot reach(?:ed)?|\bnever\b|\bunable|"
    r"\bbarely|\bfalls? short|\bdoes not\b|\bdo not\b|\bdid not\b)[^，,；;。]{0,16}$",
    re.IGNORECASE,
)
_ONLY = re.compile(
    r"(?:只有|仅有|仅为|仅|只|才|\bonly|\bjust|\bmerely)[^，,；;。]{0,8}$", re.IGNORECASE
)
_RAISED = re.compile(r"从|由|\bfrom\b", re.IGNORECASE)
_MOVES = re.compile(
    r"提高|提升|增加|降低|降|减少|缩短|延长|升|增|\b(?:rais|increas|improv|lift|reduc|cut|"
    r"lower|drop|fell|rose|grew|boost|push|shorten|went|goes|brought|bring)\w*",
    re.IGNORECASE,
)
_AFTER_PRESENT = re.compile(
    r"\s?(?:today|now\b|at present|currently|as of now|in the existing|"
    r"with (?:the )?(?:present|existing|current|conventional)|of the (?:present|existing|"
    r"current|conventional)|"
    r"提高到|提高至|提升到|提升至|提升|提高|增加到|降低到|降低至|降至|降到|缩短至|缩短到|"
    r"延长至|延长到|增至)",
    re.IGNORECASE,
)
_MOVED_ON = re.compile(
    r"\s?to\s+(?:(?:about|over|above|more than|less than|below|at least)\s+)?[-−]?\d", re.IGNORECASE
)


def is_change(before: str, after: str) -> bool:
    """Whether the figure says by how much something changed, or a share of something else."""
    bare = _strip_bounds(before)
    return bool(_CHANGE_ZH.search(bare) or _CHANGE_EN.search(bare) or _CHANGE_AFTER.match(after))


def _strip_bounds(before: str) -> str:
    """The words before a figure without the bound next to it ("reduced by at least")."""
    for match in _BOUND.finditer(before):
        if not before[match.end() :].strip():
            return before[: match.start()].rstrip() + (" " if match.start() else "")
    return before


def without_moves(gap: str) -> str:
    return re.sub(rf"\b(?:was|is|be|been)\b|{_MOVES.pattern}", " ", gap, flags=re.IGNORECASE)


def taken_up(rest: str) -> str:
    """The rest between a metric and its figure when a figure of today was told in between."""
    return _TURNS.sub("", rest)


def is_left_behind(before: str, after: str) -> bool:
    """Whether it is where something came from: raised *from 60%* to 90%."""
    return bool(
        _AFTER_PRESENT.match(after) or (_MOVED_ON.match(after) and _RAISED.search(before[-16:]))
    )


def is_move(before: str) -> bool:
    """Whether a range is a move ("raised from 60% to 90%"): its end is meant, its start is not."""
    return bool(_MOVES.search(before[-40:]) and not re.search(r"范围|\brang|之间", before[-40:]))


def is_of_others(before: str, is_need: bool) -> bool:
    """Whether the sentence up to here speaks of how it is today, or of what others reach."""
    cue = _last(_OTHERS, before)
    if is_need:
        cue = max(cue, _last(_PRESENT, before))
    return cue > max(_last(_WANTED, before) if is_need else -1, _last(_OURS, before))


def falls_short(before: str) -> bool:
    return bool(_FAILS.search(before[-40:]))


def is_merely(before: str) -> bool:
    return bool(_ONLY.search(before[-24:]))


def _last(pattern: re.Pattern[str], text: str) -> int:
    return max((match.start() for match in pattern.finditer(text)), default=-1)


_TURNS = re.compile(
    r"[，,、;；]|目前|现有|现在|当前|不足|只有|仅有|但|而|客户|我们|\b(?:but|so|our|customers?|"
    r"today|present|target|now)\b",
    re.IGNORECASE,
)

# --- Conditions -----------------------------------------------------------------------------------

_HELD_EN = re.compile(
    r"\b(?:(?:after|during|upon)\s+[a-z]{3,12}ing\s+)?(?:at(?! least| most)|after|following|"
    r"during|throughout|under|over|for|in|within|exposed to|down to|through|with|per)\s+"
    r"(?:(?:a|an|the|up|to|about|only|more|than|room|ambient|temperatures?|pressures?|of|as|"
    r"low|high|"
    r"over|least|another|ageing|aging|cycling|storage|wind|speeds?|airflow|relative|humidity|"
    r"full)\s+){0,4}$",
    re.IGNORECASE,
)
_ALWAYS_HELD = re.compile(r"\b(?:at|after|following|during|throughout|exposed to)\s", re.IGNORECASE)
_TRAILS_EN = re.compile(
    r"\s(?:of\s)?(?:load|relative humidity|humidity|RH|SOC|DOD|depth of discharge|air ?flow|"
    r"flow|salt spray|illumination|charging|"
    r"cycling|ageing|aging|storage|discharge|charge|ambient|continuous operation|operation|"
    r"of operation|wind)\b",
    re.IGNORECASE,
)
_LEADS_ZH = re.compile(
    r"(?:在|经过|经|于|历经|经历|连续|循环|温度|充放电|高温|低温|常温|室温|环境|盐雾|湿度|"
    r"相对湿度|老化|浸泡|弯折|风量|波长|负荷|运行|为|约|的|存放|储存|超过|，)*$"
)
_CUE_ZH = re.compile(r"在|经|于|连续|历")
_TRAILS_ZH = re.compile(
    r"\s?(?:的|低温|高温|室温|常温|严寒|环境|工况|条件|温度|气温|湿度|循环|充放电|老化|测试|"
    r"试验|运行|工作|使用|浸泡|暴露|存放|储存|贮存|热处理|连续|盐雾|负荷|负载|"
    r"倍率|转速|压力|电压|电流|次|反复|弯折|弯曲|左右|以上|以下|风量|流量|波长|频率|处|保温|"
    r"烧结|辐照|摩擦|振动|放电|充电|及){0,5}"
    r"(?:条件下|环境下|工况下|下(?![降限调线])|之后|以后|后(?![期续])|时(?![间长效延])|条件|"
    r"环境中|环境)"
)


def held_under(text: str, quantity: Quantity) -> tuple[int, int] | None:
    """Where the condition of which the figure is part begins and ends, when a word says so."""
    before, after = text[: quantity.start], text[quantity.end : quantity.end + 40]
    if found := _TRAILS_ZH.match(after):
        lead = _LEADS_ZH.search(before[-24:])
        start = (
            quantity.start - len(lead.group().lstrip("，为约的超过")) if lead else quantity.start
        )
        return start, quantity.end + found.end()
    if found := _HELD_EN.search(before[-60:]):
        trail = _TRAILS_EN.match(after)
        start = quantity.start - (len(before[-60:]) - found.start())
        return start, quantity.end + (trail.end() if trail else 0)
    return None


def is_surely_held(text: str) -> bool:
    """Whether a condition's own words leave no doubt: at, after, 下, 后, not over, within, for."""
    return bool(_ALWAYS_HELD.match(text)) or bool(_HAN.search(text))
