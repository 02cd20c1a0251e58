"""The connectors there are, by the code kept in HarvestSource.kind."""

from listings.connectors.json_feed import JsonFeed
from listings.connectors.nasa_t2 import NasaT2
from listings.connectors.oai_pmh import OaiPmh
from listings.connectors.shapes import Connector

CONNECTORS: dict[str, Connector] = {
    "oai_pmh": OaiPmh(),
    "nasa_t2": NasaT2(),
    "json_feed": JsonFeed(),
}
