"""Reading a contract's text: its usual contents, and clauses that may monopolise technology.

Pure: no database. Patterns come from the rule sets (contracts.rule_sets.clause_rules).
"""
