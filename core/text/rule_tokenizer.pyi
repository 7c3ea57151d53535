from nerture.core.text.doc import Offsets
from nerture.core.text.token_rules import Rules

class RuleTokenizer:
    """Splits a text into tokens by rules, without changing it. Immutable; safe to use from many threads."""

    def __init__(self, rules: Rules) -> None: ...
    @property
    def rules(self) -> Rules: ...
    def __call__(self, text: str) -> Offsets: ...
