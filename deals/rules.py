"""Figures and simple rules of introductions, in one place."""

# Roles that act for a party; the owner of an organisation holds them all.
PARTY_ROLES = ("editor", "broker")
BROKER_ROLES = ("broker",)
MAX_ASKED = 50  # introductions that one organisation has asked for and that are still open
