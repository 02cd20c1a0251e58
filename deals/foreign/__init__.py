"""Tables of projects from abroad: what their columns mean."""
