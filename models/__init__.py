"""What we predict and decide. Empty until the first model moves in."""
