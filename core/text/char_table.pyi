from collections.abc import Callable

class CharTable:
    """What is known about each character, as 64 bits, asked for once and then read from memory."""

    def __init__(self, classify: Callable[[str], int]) -> None: ...
    def __getitem__(self, character: str) -> int: ...
