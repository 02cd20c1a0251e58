"""Screening against catalogues of controlled technologies: pure functions and documents.

A hit is a question to a person, never an answer; see docs/explanation/screening.md.
"""
