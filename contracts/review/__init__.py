"""Reading a contract's text: which usual contents it has, and clauses that may monopolise technology.

Pure: no database. Patterns come from the rule sets (contracts.rule_sets.clause_rules).
"""
