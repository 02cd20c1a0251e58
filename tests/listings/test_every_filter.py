"""A filter is spelled out in several places; here each of them must know each filter."""

import pytest
from django.http import QueryDict
from django.test import RequestFactory

from listings import readings
from listings.choices import chips
from listings.filters import TechnologyFilter
from listings.queries import facets
from listings.queries.narrowing import _CONDITIONS, conditions
from listings.searches import canonical, describe, wanted_of
from listings.views.browse import _kept
from listings.wanted import PARAMETERS, read_wanted
from marketplace.core.codes import SUB_FIELDS

ASKED = {
    "field": "field=new_energy",
    "sub_field": "field=new_energy&sub_field=",  # completed below
    "trl": "trl_min=5",
    "mode": "mode=assignment",
    "price": "price_max=0",
    "ip": "ip=invention",
    "organisation_kind": "organisation_kind=higher_education",
    "region": "region=440000",
    "country": "country=DE",
    "language": "language=zh",
    "verified": "verified=1",
    "organisation": "organisation=ABCDEFGHJK",
    "spec": "spec=thickness <= 1 mm",
}
# What the chip says, so that no filter is shown under another's words.
SAID = {
    "field": "New energy and efficient energy saving",
    "sub_field": "Batteries and storage", "trl": "TRL 5 or higher",
    "mode": "Assignment", "price": "up to ¥0", "ip": "Invention patent",
    "organisation_kind": "Higher education", "region": "Guangdong", "country": "Germany",
    "language": "Readable in Chinese", "verified": "Verified organisations",
    "organisation": "An organisation", "spec": "thickness ≤ 1 mm",
}  # fmt: skip
# Not counted beside the list, since they are typed or come by a link.
UNCOUNTED = {"organisation", "spec"}
# Of the API by other names, in several, or not at all.
API = {"ip": "ip_kind", "mode": "mode", "organisation_kind": "owner_kind",
       "verified": "owner_verified",
       "organisation": "owner", "trl": "trl_min", "price": "price_min"}  # fmt: skip
# Fields of the search form itself, which need not be carried over.
TYPED = {"trl", "price"}


def query(name):
    text = ASKED[name]
    if name == "sub_field":
        text += next(code.code for code in SUB_FIELDS if code.parent == "new_energy")
    return QueryDict(text.replace("<=", "%3C%3D").replace(" ", "+"))


def test_every_filter_has_an_example():
    assert set(ASKED) == set(PARAMETERS) == set(_CONDITIONS) == set(SAID)


def test_every_filter_is_counted_offered_and_in_the_api():
    assert set(facets._CHOICES) - {"city"} == set(PARAMETERS) - UNCOUNTED
    offered = set(TechnologyFilter.base_filters)
    assert {API.get(name, name) for name in set(PARAMETERS) - {"spec"}} <= offered


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(PARAMETERS))
def test_a_filter_is_known_everywhere(name):
    asked = query(name)
    wanted, plain = read_wanted("technology", asked), read_wanted("technology", QueryDict(""))
    assert name in wanted.active
    assert conditions(wanted) != conditions(plain)
    # saved, and read again from what was saved
    assert wanted_of("technology", canonical("technology", asked)) == wanted
    assert describe(wanted) != describe(plain)
    # held against new listings: decided in memory, or left to the database
    reading, without = readings.read(wanted), readings.read(plain)
    assert reading != without
    # shown as a chip that takes it away, and carried over by another question
    counts = facets.Counts(total=0, without_filters=0)
    request = RequestFactory().get("/technologies/", asked)
    assert SAID[name] in [chip.label for chip in chips(request, wanted, counts, "An organisation")]
    carried = {parameter for parameter, _value in _kept(wanted)}
    assert name in TYPED or carried & {name, *PARAMETERS[name]}
