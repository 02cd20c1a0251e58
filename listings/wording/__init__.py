"""Specifications and IP rights as one cell of a table: what an export writes, an import reads."""
