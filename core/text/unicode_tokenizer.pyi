from nerture.core.text.doc import Offsets

class UnicodeTokenizer:
    """Cuts a text at the word boundaries of Unicode (UAX #29). Immutable; safe from many threads."""

    def __init__(self) -> None: ...
    def __call__(self, text: str) -> Offsets: ...
