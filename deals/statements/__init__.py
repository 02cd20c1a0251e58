"""Statements of distribution: the steps in words, and the paper of one beneficiary."""
