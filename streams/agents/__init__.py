"""One file a role: take a chunk, decode, load, fold, send, commit."""
