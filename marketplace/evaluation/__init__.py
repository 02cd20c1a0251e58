"""How good the search is: sets of questions with graded answers, and the usual figures."""
