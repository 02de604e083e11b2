"""Events in, decisions out: the shell around `features` and `models`."""
