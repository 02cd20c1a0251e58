"""Certificates: their pages as typst, the amounts in words, and the electronic seal.

Nothing here reads or writes the database.
"""
