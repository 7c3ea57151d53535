from nerture.core.text.doc import Offsets

class UnicodeTokenizer:
    """Splits a text at the word boundaries of Unicode (UAX #29). Immutable; safe to use from many threads."""

    def __init__(self) -> None: ...
    def __call__(self, text: str) -> Offsets: ...
