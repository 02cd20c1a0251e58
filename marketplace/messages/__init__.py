"""Message catalogues: extraction, checking and compiling without GNU gettext.

Each room of the product has its own catalogue (`locale/<room>/<language>/LC_MESSAGES/django.po`),
so that rooms can be worked on side by side. English is the source language and has none.
"""
