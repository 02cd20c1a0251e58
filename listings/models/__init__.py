from listings.models.disclosure import DisclosureGrant
from listings.models.documents import Document
from listings.models.exchange import (
    ExportRun,
    ImportedId,
    ImportFault,
    ImportRun,
    ImportSource,
)
from listings.models.listings import Listing, ListingOwner
from listings.models.proposals import DismissedProposal
from listings.models.rights import IpRight
from listings.models.saved import Favourite, NewListing, SavedSearch, SearchHit
from listings.models.search import SearchEntry
from listings.models.sources import HarvestSource
from listings.models.specifications import Specification
from listings.models.terms import Term
from listings.models.versions import ListingVersion, Review

__all__ = [
    "DisclosureGrant", "DismissedProposal", "Document", "ExportRun", "Favourite", "HarvestSource",
    "ImportFault", "ImportRun", "ImportSource", "ImportedId", "IpRight", "Listing", "ListingOwner",
    "ListingVersion", "NewListing", "Review", "SavedSearch", "SearchEntry", "SearchHit",
    "Specification", "Term",
]  # fmt: skip
