"""A problem (or an ability) in somebody's own words, ranked against the market.

text -> candidates -> open subjects -> features, score, levels (of the pipeline) -> what is
disclosed.

Nothing is stored, and nothing is read that the asker may not read: not for finding, not for
scoring, not for how rare a word is. So a full score may be shown, and nobody can probe for closed
texts however often they ask.
"""
