"""Starts and holds a whole Yizhan on one machine: `make run`.

Pure standard library: nothing here imports Django, so a broken setting or a missing package can
still be told in a sentence.
"""
