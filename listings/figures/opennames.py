"""The name of a metric that no list knows, from the words before a plain bound: 剪切强度不低于."""

import re

from listings.figures import cues

_HEADS_ZH = (
    "强度|硬度|密度|精度|浓度|温度|湿度|速度|厚度|纯度|长度|宽度|高度|深度|角度|韧度|黏度|粘度|"
    "亮度|灵敏度|"
    "压力|推力|拉力|扭力|剪切力|承载力|功率|频率|电压|电流|电阻|电容|容量|流量|产量|含量|质量|"
    "重量|通量|载荷|负荷|"
    "效率|速率|比率|合格率|产率|去除率|利用率|保持率|回收率|误差|偏差|直径|半径|粒径|孔径|距离|"
    "行程|寿命|周期|时间|"
    "时长|能耗|功耗|噪声|系数|指数|模量|应力|应变|转速|加速度|波长|带宽|面积|体积|间隙|跨度|"
    "热阻|温升|压降|残留量|损耗"
)
_HEADS_EN = (
    "strength|hardness|density|accuracy|concentration|temperature|humidity|speed|velocity|"
    "thickness|purity|"
    "length|width|height|depth|pressure|force|torque|power|frequency|voltage|current|"
    "resistance|capacitance|"
    "capacity|flow|rate|content|mass|weight|efficiency|error|diameter|radius|size|distance|"
    "stroke|life|time|"
    "consumption|noise|modulus|stress|strain|wavelength|area|volume|loss|drop|rise|ratio|range|"
    "yield|gap|tolerance"
)
_NOT_ZH = re.compile(
    r"市场|份额|利润|增长|毛利|税|股权|利率|占比|占有|成交|销售|营业|投资|价格|售价|成本|预算|"
    r"交付|交货|工期|完成|项目|合同|付款|质保|"
    r"保修|年限|响应时间内|提前|周期内|满意|就业|员工|人员|年龄|同比|环比"
)
_NOT_EN = re.compile(
    r"\b(?:market|share|growth|profit|interest|tax|price|budget|delivery|project|contract|"
    r"payment|warranty|"
    r"royalty|equity|discount|lead|exchange|success|customer|staff|sales)\b",
    re.IGNORECASE,
)
# Where a name begins: after these, not with them.
_STOP_ZH = re.compile(
    r".*(?:[的在是和与为其该使达让将把对于并且或及、有需求应须且但由从到，：]|要求|需要|希望|"
    r"产品|材料|系统|设备|装置|样品|保证|确保|实现|具有)"
)
_ZH = re.compile(rf"([\u3400-\u9fff]{{0,8}}(?:{_HEADS_ZH}))\s*$")
_EN = re.compile(rf"((?:[a-z][a-z-]{{2,20}}\s){{1,2}}(?:{_HEADS_EN}))\s*$", re.IGNORECASE)
_BOUND = re.compile(rf"(?:{cues._GE}|{cues._LE})\s*$", re.IGNORECASE)
_BRIDGE = re.compile(
    r"(?:\s|:|：|\b(?:is|of|must be|should be|shall be|be|has to be|to be|must|should|stays?|"
    r"need(?:s|ed)? to be|has to stay|must stay|kept)\b|[应须需要求]|为|在|控制在)+$",
    re.IGNORECASE,
)
_ARTICLES = re.compile(
    r"^(?:(?:a|an|the|of|and|with|its|their|our|has|have|for|is|are|that|whose|where|in|at|to|"
    r"need|needs|want|require|required|must|by|or|on|from)\s+)+",
    re.IGNORECASE,
)


def open_name(before: str) -> tuple[int, str] | None:
    """(where it begins, the name) when the words before a figure end with a name and a bound."""
    bound = _BOUND.search(before[-30:])
    if bound is None:
        return None
    rest = before[: len(before) - len(before[-30:]) + bound.start()].rstrip()
    if bridge := _BRIDGE.search(rest[-24:]):
        rest = rest[: len(rest) - len(rest[-24:]) + bridge.start()]
    return _chinese(rest) or _english(rest)


def _chinese(rest: str) -> tuple[int, str] | None:
    match = _ZH.search(rest[-12:])
    if match is None or _NOT_ZH.search(rest[-14:]):
        return None
    name = match[1]
    if stop := _STOP_ZH.match(name):
        name = name[stop.end() :]
    if len(name) < 3:
        return None
    return len(rest.rstrip()) - len(name), name


def _english(rest: str) -> tuple[int, str] | None:
    match = _EN.search(rest[-70:])
    if match is None or _NOT_EN.search(match[1]):
        return None
    name = _ARTICLES.sub("", match[1])
    if " " not in name:
        return None
    return len(rest.rstrip()) - len(name), name[:1].upper() + name[1:]
