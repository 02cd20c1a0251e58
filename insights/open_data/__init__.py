"""A year of the public register as signed files that anybody may take."""
