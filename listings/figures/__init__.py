"""Figures in free text: read, and proposed to the poster as specifications. Nothing here writes."""
