from nerture.core.text.doc import Offsets

def passage_bounds(
    text: str, offsets: Offsets, shortest: int, longest: int
) -> list[tuple[int, int, int, int]]: ...
