"""Contracts from files: what the columns mean."""
