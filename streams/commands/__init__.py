"""What the command line does, a file a subject. Heavy imports wait until a command runs."""
