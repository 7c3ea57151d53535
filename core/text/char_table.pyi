from collections.abc import Callable

class CharTable:
    """Caches 64 bits about each character, computed when they are first needed."""

    def __init__(self, classify: Callable[[str], int]) -> None: ...
    def __getitem__(self, character: str, /) -> int: ...
