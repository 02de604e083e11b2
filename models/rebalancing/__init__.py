"""A better plan for a territory's day: freeze a problem, search on the simulated objective, check, propose."""
