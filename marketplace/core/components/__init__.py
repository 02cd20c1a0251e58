"""The design system in Python: one module per noun; ``templatetags.ui`` registers them all."""
