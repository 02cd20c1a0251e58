"""NASA's technology transfer programme: patents and software, as api.nasa.gov gives them."""

from listings.connectors.nasa_t2.connector import NasaT2

__all__ = ["NasaT2"]
