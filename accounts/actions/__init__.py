"""Business steps of this room: one function each, keyword-only, one short transaction."""
