from nerture.core.text.doc import Offsets

def find_passages(
    text: str, offsets: Offsets, shortest: int, longest: int
) -> list[tuple[int, int, int, int]]: ...
