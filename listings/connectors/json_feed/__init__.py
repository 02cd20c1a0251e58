"""JSON Feed 1 and 1.1: https://www.jsonfeed.org/version/1.1/"""

from listings.connectors.json_feed.connector import JsonFeed

__all__ = ["JsonFeed"]
