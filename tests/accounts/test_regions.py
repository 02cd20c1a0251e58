"""Names of places in both languages, and forms that choose them."""

import pytest
from django.core.exceptions import ValidationError

from accounts.forms.places import city_choices, district_choices, split
from marketplace.core import regions


@pytest.mark.parametrize(
    ("code", "english", "chinese"),
    [
        ("440305", "Nanshan, Shenzhen, Guangdong", "广东省深圳市南山区"),
        ("110108", "Haidian, Beijing", "北京市海淀区"),
        ("610113", "Yanta, Xi’an, Shaanxi", "陕西省西安市雁塔区"),
        ("140400", "Changzhi, Shanxi", "山西省长治市"),
        ("419001", "Jiyuan, Henan", "河南省济源市"),
        ("150100", "Hohhot, Inner Mongolia", "内蒙古自治区呼和浩特市"),
        ("810000", "Hong Kong", "香港特别行政区"),
        ("500112", "Yubei, Chongqing", "重庆市渝北区"),  # withdrawn, still named
        ("000000", "", ""),
    ],
)
def test_a_code_has_its_name_in_both_languages(code, english, chinese):
    assert regions.full_name(code, "en") == english
    assert regions.full_name(code, "zh-hans") == chinese


def test_every_region_has_an_english_name():
    for province in regions.children():
        for city in (province, *regions.children(province.code)):
            for region in (city, *regions.children(city.code)):
                assert region.en != region.zh, region
                assert region.en[:1].isupper(), region


def test_siblings_differ_in_english():
    for province in regions.children():
        for parent in (province, *regions.children(province.code)):
            names = [region.en for region in regions.children(parent.code)]
            assert len(set(names)) == len(names), parent


@pytest.mark.parametrize("code", ["999999", "44", "4403050", "abcdef", "44030５"])
def test_an_unknown_code_is_refused(code):
    with pytest.raises(ValidationError):
        regions.validate(code)


def test_withdrawn_codes_are_valid_and_not_offered():
    regions.validate("500112")
    assert "500112" not in {region.code for region in regions.children("500000")}


@pytest.mark.parametrize("code", ["FI", "CN", "HK", "TW"])
def test_countries_are_known(code):
    regions.validate_country(code)
    assert regions.country_name(code, "zh-hans") != code


@pytest.mark.parametrize("code", ["", "XX", "EU", "cn", "001"])
def test_what_is_no_country_is_refused(code):
    with pytest.raises(ValidationError):
        regions.validate_country(code)


def test_china_is_offered_first():
    assert regions.countries("zh-hans")[0] == ("CN", "中国")


@pytest.mark.parametrize(
    ("code", "city", "district"),
    [
        ("440305", "440300", "440305"),
        ("440300", "440300", ""),
        ("440000", "440000", ""),
        ("110108", "110000", "110108"),
        ("419001", "419001", ""),
        ("", "", ""),
    ],
)
def test_a_stored_region_fills_both_selects_and_each_offers_it(code, city, district):
    assert split(code) == (city, district)
    offered = {
        value
        for choice in city_choices()
        for value in (
            [choice[0]] if isinstance(choice[1], str) else [pair[0] for pair in choice[1]]
        )
    }
    assert city in offered
    assert not district or district in dict(district_choices(city))
