"""Which pipes are due: facts, breaks, criteria, verdicts, score, and how well the list foretold."""
