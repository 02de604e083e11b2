"""How events come in from outside: by HTTP and from files, through one door."""
