"""The types of tokenization rules: character classes, cuts and special cases."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from nerture.core.errors import SettingError

_MAX_CLASSES = 40
_MAX_FORM_CUTS = 23
_MAX_CONTEXT = 2
_MAX_FORM_CHARS = 100


@dataclass(frozen=True, slots=True)
class CharClass:
    """A set of characters: those of some Unicode categories and those listed, except those excluded."""

    categories: tuple[str, ...] = ()
    chars: str = ""
    excluded: str = ""

    def __contains__(self, character: str) -> bool:
        if character in self.excluded:
            return False
        return character in self.chars or unicodedata.category(character) in self.categories


@dataclass(frozen=True, slots=True)
class Cut:
    """A piece that becomes a token of its own at the beginning, the end, or in the middle of a chunk.

    The piece is one of ``forms``, or a character of the class ``one_of``, or, with ``run``, all characters of
    that class in a row, at least ``run``. Classes are named; ``"letter|digit"`` means either. ``before`` and
    ``after`` say what must be next to the piece: up to two classes separated by a space, in the order of the
    text; ``!`` before a class negates it.
    """

    forms: frozenset[str] = frozenset()
    one_of: str = ""
    run: int = 1
    before: str = ""
    after: str = ""

    def class_names(self) -> list[str]:
        """Return the names of all classes that the cut refers to."""
        contexts = f"{self.one_of} {self.before} {self.after}".split()
        return [name for context in contexts for name in context.lstrip("!").split("|")]


@dataclass(frozen=True, slots=True)
class Rules:
    """All that a ``RuleTokenizer`` knows about a language.

    ``special_cases`` gives the pieces of forms that no other rule may split. ``symbols`` names classes whose
    members are tokens wherever they are. ``addresses`` keeps web and e-mail addresses whole.

    Raises ``SettingError`` for an undefined class, an inconsistent cut, and special cases whose pieces do not
    add up to the form.
    """

    classes: Mapping[str, CharClass]
    prefixes: tuple[Cut, ...] = ()
    suffixes: tuple[Cut, ...] = ()
    infixes: tuple[Cut, ...] = ()
    special_cases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    symbols: str = ""
    addresses: bool = True

    def __post_init__(self) -> None:
        if len(self.classes) > _MAX_CLASSES:
            raise SettingError(f"character classes: expected at most {_MAX_CLASSES}, got {len(self.classes)}")
        cuts = (*self.prefixes, *self.suffixes, *self.infixes)
        with_forms = sum(1 for cut in cuts if cut.forms)
        if with_forms > _MAX_FORM_CUTS:
            raise SettingError(f"cuts with forms: expected at most {_MAX_FORM_CUTS}, got {with_forms}")
        for cut in cuts:
            if bool(cut.forms) == bool(cut.one_of) or "" in cut.forms:
                raise SettingError(f"cut: expected either forms, none of them empty, or a class, got {cut}")
        for cut in (*cuts, Cut(one_of=self.symbols)):
            for name in cut.class_names():
                if name not in self.classes:
                    known = ", ".join(self.classes)
                    raise SettingError(f"character class: expected one of {known}, got {name!r}")
            if max(len(cut.before.split()), len(cut.after.split())) > _MAX_CONTEXT:
                raise SettingError(f"cut: expected a context of at most {_MAX_CONTEXT} characters, got {cut}")
        for form, pieces in self.special_cases.items():
            check_special_case(form, pieces)

    def mask(self, names: str) -> int:
        """Return the bits of the classes in ``names`` (``"letter|digit"``)."""
        order = list(self.classes)
        return sum(1 << order.index(name) for name in names.split("|") if name)

    def classifier(self) -> Callable[[str], int]:
        """Return a function from a character to the bits of its classes."""
        bits = [(1 << bit, members) for bit, members in enumerate(self.classes.values())]
        by_category: dict[str, int] = {}
        for bit, members in bits:
            for category in members.categories:
                by_category[category] = by_category.get(category, 0) | bit
        named = {
            character for members in self.classes.values() for character in members.chars + members.excluded
        }
        by_character = {
            character: sum(bit for bit, members in bits if character in members) for character in named
        }

        def classify(character: str) -> int:
            known = by_character.get(character)
            return by_category.get(unicodedata.category(character), 0) if known is None else known

        return classify


def check_special_case(form: str, pieces: tuple[str, ...]) -> None:
    """Raise ``SettingError`` unless ``pieces`` add up to ``form``, which is short and without whitespace."""
    if not form or any(character.isspace() for character in form):
        raise SettingError(f"special case {form!r}: expected at least one character and no whitespace")
    if len(form) > _MAX_FORM_CHARS:
        raise SettingError(f"special case {form!r}: expected at most {_MAX_FORM_CHARS} characters")
    if not all(pieces) or "".join(pieces) != form:
        raise SettingError(f"special case {form!r}: expected pieces that add up to it, got {list(pieces)}")
