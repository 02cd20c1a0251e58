"""Figures and simple rules of introductions, in one place."""

# Roles that act for a party; the owner of an organisation holds them all.
PARTY_ROLES = ("editor", "broker")
BROKER_ROLES = ("broker",)
MAX_ENQUIRIES_A_DAY = 5  # without a name, of one organisation
PAUSE_OF_ENQUIRIES = 30  # days until an organisation may ask about the same listing again
MAX_ASKED = 50  # introductions that one organisation has asked for and that are still open
