"""Who may have a share: the kinds of beneficiaries of all schemes, by their codes."""

from deals.distribution.schemes import INVENTORS, Named

PARTIES = tuple(
    Named(code, name_en, name_zh)
    for code, name_en, name_zh in (
        (INVENTORS, "Inventors", "发明人"),
        ("department", "Department", "院系"),
        ("school", "School", "学院"),
        ("university", "University", "学校"),
        ("laboratory", "Laboratory", "实验室"),
        ("research_office", "Research office", "科研管理部门"),
        ("organisation", "Organisation", "单位"),
    )
)
BY_CODE = {one.code: one for one in PARTIES}
