"""OAI-PMH 2.0, Dublin Core: what university repositories and achievement libraries speak."""

from listings.connectors.oai_pmh.connector import OaiPmh

__all__ = ["OaiPmh"]
