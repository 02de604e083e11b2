"""Randomness by name: the same seed and names give the same numbers, in any order of asking."""

import hashlib

import numpy as np


def generator(seed: int, *names: object) -> np.random.Generator:
    """A generator of its own for each (seed, names), so that one part's draws never shift another's."""
    text = "\x1f".join(str(part) for part in (seed, *names))
    digest = hashlib.blake2b(text.encode(), digest_size=16).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest, "big")))
