"""Measuring: what `make bench` prints. docs/reference/bench.md says how to read it."""
