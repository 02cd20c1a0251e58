"""Units as texts write them, in both languages: W/(m·K), 毫克每升, tonnes per day, mS cm⁻¹.

Only what stands in this table is a unit; pint takes half of English for one ("in", "at", "do").
"""

import re
from functools import lru_cache

from marketplace.core.errors import Invalid
from marketplace.core.units import parse_unit

# Symbols that mean themselves, in the spelling of marketplace.core.units.
_PLAIN = (
    "% ‰ degC K MPa GPa kPa hPa Pa bar mbar N kN mN J kJ MJ GJ W kW MW GW mW V kV mV A mA Wh kWh "
    "MWh GWh h min s ms ns day year month week kg g mg ng t L mL m mm nm cm km dm Hz kHz MHz GHz "
    "THz dB ppm rpm ohm S mS H F nF pF T mT lm lx cd mol mmol Sv mSv Gy NTU HV HRC CFU Mbit Gbit "
    "kbit eV keV hectare kgf"
)
_SPELLED = {
    "degC": "℃ °C °c ºC 摄氏度 deg.C|degrees Celsius|degree Celsius|"
    "degrees C|deg C|degrees centigrade",
    "K": "kelvin 开尔文",
    "%": "percent|per cent",
    "‰": "",
    "ppm": "",
    "um": "um µm μm micron microns micrometre micrometres micrometer micrometers 微米",
    "us": "us µs μs microseconds 微秒",
    "ug": "ug µg μg micrograms 微克",
    "uL": "uL µL μL 微升",
    "uA": "uA µA μA 微安",
    "uW": "uW µW μW 微瓦",
    "uF": "uF µF μF",
    "mohm": "mΩ",
    "ohm": "Ω 欧姆",
    "kohm": "kΩ",
    "Mohm": "MΩ 兆欧",
    "MPa": "Mpa 兆帕",
    "GPa": "Gpa 吉帕",
    "kPa": "KPa 千帕",
    "Pa": "帕",
    "bar": "bars",
    "N": "newtons 牛顿 牛",
    "kN": "千牛",
    "N*m": "Nm N·m 牛米 牛·米",
    "kJ": "千焦",
    "MJ": "兆焦",
    "W": "watts 瓦",
    "kW": "KW kilowatts 千瓦",
    "MW": "megawatts 兆瓦",
    "mW": "毫瓦",
    "V": "volts 伏特 伏",
    "kV": "KV 千伏",
    "mV": "毫伏",
    "A": "amps amperes 安培 安",
    "mA": "毫安",
    "Wh": "瓦时",
    "kWh": "KWh kwh 千瓦时 度电",
    "mA*h": "mAh mA·h 毫安时",
    "A*h": "Ah 安时",
    "h": "hr hrs hour hours 小时 个小时 钟头",
    "min": "mins minute minutes 分钟",
    "s": "sec secs second seconds 秒 秒钟",
    "ms": "milliseconds 毫秒",
    "ns": "nanoseconds 纳秒",
    "day": "d days 天",
    "week": "weeks",
    "month": "months 个月",
    "year": "years 年",
    "kg": "kilograms kilogrammes 千克 公斤",
    "g": "grams grammes 克",
    "mg": "milligrams 毫克",
    "t": "tonne tonnes tons 吨",
    "L": "l litre litres liter liters 升",
    "mL": "ml 毫升",
    "m": "metre metres meter meters 米",
    "mm": "millimetre millimetres millimeters 毫米",
    "cm": "centimetres centimeters 厘米",
    "nm": "nanometres nanometers 纳米",
    "km": "kilometres kilometers 千米 公里",
    "m^2": "m² m2 ㎡ 平方米 平米|square metres|square metre|square meters",
    "cm^2": "cm² cm2 平方厘米",
    "mm^2": "mm² mm2",
    "m^3": "m³ m3 ㎥ Nm³ Nm3 立方米 立方 标方|cubic metres|cubic metre|cubic meters",
    "cm^3": "cm³ cm3 立方厘米 cc",
    "mm^3": "mm³ mm3",
    "hectare": "hectares ha 公顷",
    "mu": "亩",
    "Hz": "hertz 赫兹 赫",
    "kHz": "KHz 千赫",
    "MHz": "兆赫",
    "GHz": "吉赫",
    "dB(A)": "dBA dB(A) dB（A）",
    "dB": "decibel decibels 分贝",
    "rpm": "RPM r/min 转/分 转/分钟 转每分 转每分钟|revolutions per minute",
    "count": "cycle cycles 次循环 个循环 次充放电 循环 周次 次 圈 times~|charge cycles|full cycles|"
    "charge-discharge cycles|charge/discharge cycles|bending cycles|thermal cycles",
    "Hz~": "fps 帧/秒 帧每秒|frames per second|frames/s",
    "Mbit/s": "Mbps Mb/s 兆比特每秒",
    "Gbit/s": "Gbps Gb/s",
    "kbit/s": "kbps",
    "Pa*s": "Pa·s 帕秒 帕·秒",
    "mPa*s": "mPa·s cP",
    "S": "siemens 西门子",
    "lx": "lux 勒克斯",
}
# What makes another word of a Chinese unit: 升级, 安全, 天然, 年代.
_ANOTHER = {
    "升": "级高至到温降",
    "安": "全装防静",
    "瓦": "斯片楞",
    "伏": "安",
    "天": "然线津气",
    "年": "代度产均来龄月限",
    "次": "数品级要生",
    "克": "服隆",
    "米": "粒饭色",
    "吨": "位级",
    "牛": "奶肉",
    "帕": "金",
    "秒": "杀级",
    "循": "环",
    "循环": "寿利经系使",
    "亩": "产",
    "分钟": "级",
    "毫秒": "级",
    "立方": "体",
    "米级": "",
    "微米": "级",
    "纳米": "级材线管颗粒结复涂银金",
    "摄氏度": "",
    "赫": "兹",
    "圈": "子套",
}


def _table() -> dict[str, str]:
    found = {symbol: symbol for symbol in _PLAIN.split()}
    for canonical, spelled in _SPELLED.items():
        singles, *phrases = spelled.split("|")
        for one in [*singles.split(), *phrases]:
            if not one.endswith("~"):
                found[one] = canonical.rstrip("~")
    return found


_TABLE = _table()
_FOLLOWS = {"^2": r"(?:\^?2|²)", "^3": r"(?:\^?3|³)"}


def _pattern(spelling: str) -> str:
    if spelling[-1].isascii() and spelling[-1].isalnum():
        return re.escape(spelling) + r"(?![A-Za-zµμ])"
    another = _ANOTHER.get(spelling, "")
    return re.escape(spelling) + (f"(?![{another}])" if another else "")


_ATOM = "(?:{})".format("|".join(_pattern(one) for one in sorted(_TABLE, key=len, reverse=True)))
_POWER = r"(?:\^?(?:0\.5|[23])(?!\d)|[²³])?"
_INVERSE = rf"(?:\s?[·*]?\s?{_ATOM}(?:\^?[-−]|⁻)[123¹²³])"
_OVER = r"\s?(?:/|每|per\b)\s?"
_BELOW = rf"(?:\(\s?{_ATOM}{_POWER}(?:\s?[·*⋅•.]\s?{_ATOM}{_POWER}){{0,2}}\s?\)|{_ATOM}{_POWER})"
UNIT = (
    rf"(?>{_ATOM}{_POWER}(?:\s?[·*⋅•]\s?{_ATOM}{_POWER}){{0,2}}"
    rf"(?:{_INVERSE}{{1,3}}|(?:{_OVER}(?:{_BELOW}|日|分|时)){{0,2}}))"
    r"(?![A-Za-z0-9µμ])(?!\s?[A-Za-z]{1,3}(?:⁻|[-−][123]))(?!\s?/\s?[A-Za-z\u3400-\u9fff])"
    r"(?!-[A-Za-z])(?!\s(?:per|each)\b)"
)
_PIECES = re.compile(
    rf"({_ATOM})|({_OVER})|(\^?(?:0\.5|[23])|[²³])|([-−⁻][123¹²³])|([·*⋅•.()])|\s+"
)
_AFTER_OVER = {"日": "day", "分": "min", "时": "h"}
_SUPER = str.maketrans("²³¹", "231")


@lru_cache(maxsize=2048)
def canonical(written: str) -> str | None:
    """The unit that UNIT matched, as marketplace.core.units spells it; None when it is none."""
    made: list[str] = []
    rest = written.strip()
    if rest in _TABLE:
        return _checked(_TABLE[rest])
    for short, whole in _AFTER_OVER.items():
        if rest.endswith((f"/{short}", f"每{short}")):
            rest = f"{rest[:-1]}{whole}"
    position, below = 0, False
    while position < len(rest):
        match = _PIECES.match(rest, position)
        if match is None:
            return None
        atom, over, power, inverse, sign = match.groups()
        if atom:
            if made and made[-1] not in "*/(":
                made.append("*")
            made.append(_TABLE[atom])
        elif over:
            made.append("/")
            below = True
        elif power and made:
            made[-1] += "^" + power.lstrip("^").translate(_SUPER)
        elif inverse and made:
            if below:
                return None
            figure = inverse[1:].translate(_SUPER)
            start = len(made) - 2
            if start < 0 or made[start] != "*":
                return None
            made[start] = "/"
            made[-1] += "" if figure == "1" else f"^{figure}"
        elif sign:
            made.append(sign if sign in "()" else "*")
        position = match.end()
    return _checked("".join(made))


def _checked(text: str) -> str | None:
    try:
        parse_unit(text)
    except Invalid:
        return None
    return text


@lru_cache(maxsize=2048)
def sort_of(unit: str) -> str:
    """What a unit measures, finer than a dimension: a share, a count and an angle are three."""
    if unit in ("%", "‰", "ppm"):
        return "share"
    if unit == "count":
        return "count"
    try:
        return parse_unit(unit).dimension
    except Invalid:
        return ""
