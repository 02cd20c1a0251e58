"""Sources that listings are brought in from: one folder for each format.

A connector knows its format and nothing else: which address to ask next, and what an answer says.
Calling (calling), shaping (rows, copies) and storing (listings.actions.harvesting) are the same for
all.
"""
