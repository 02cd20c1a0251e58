"""Distribution of licence income: schemes as dated data, and the arithmetic that applies them.

Pure: nothing here knows of the database. docs/explanation/distribution.md states each formula.
"""
