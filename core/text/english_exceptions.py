"""English forms that no rule splits correctly: contractions, clock times, abbreviations, emoticons."""

from __future__ import annotations

from collections.abc import Iterator
from string import ascii_lowercase

Pieces = tuple[str, ...]

# clitic -> the words that it follows
_CLITICS: dict[Pieces, str] = {
    ("'m",): "i",
    ("'s",): "he she it who what when where why how there that this",
    ("'re",): "you we they who what when where why how there these those",
    ("'ve",): "i you we they who what when where why how there these those could might must should would not",
}
_SUBJECTS = "i you he she it we they who what when where why how there that this these those"
_SUBJECT_CLITICS: tuple[Pieces, ...] = (("'d",), ("'ll",), ("'d", "'ve"), ("'ll", "'ve"))

_NEGATED = "is are was were has have ai dare"
_NEGATED_OR_PERFECT = "ca could do does did had may might must need ought sha should wo would"  # couldn't've

# Without their apostrophe, these are words of their own.
_OTHER_WORDS = frozenset({"ill", "its", "hell", "shed", "shell", "well", "were", "whore"})

_OTHER_CONTRACTIONS: tuple[Pieces, ...] = (
    ("can", "not"), ("gon", "na"), ("got", "ta"), ("let", "'s"), ("c'm", "on"),
    ("y'", "all"), ("y", "all"), ("i", "m", "a"), ("how", "'d", "'y"), ("how", "'d", "'y'", "all"),
)  # fmt: skip

# Their apostrophe or hyphen does not split them; each also with a capital and a typographic apostrophe.
_WHOLE_WORDS = """
    'em 'cause 'nuff 'bout 'cos 'coz 'cuz 'll 're 'd 's n't o'clock ma'am ol' doin' goin' havin' lovin'
    nothin' nuthin' somethin' and/or w/o
"""

# Their dots do not end a sentence. Abbreviations of capital letters (``U.S.``) need no entry.
_ABBREVIATIONS = """
    Adm. Bros. Co. Corp. Dr. Gen. Gov. Inc. Jr. Ltd. Messrs. Mr. Mrs. Ms. Mt. Ph.D. Prof. Rep. Rev. Sen. St.
    v. vs. v.s. e.g. i.e. E.g. I.e. a.m. p.m.
    Jan. Feb. Mar. Apr. Jun. Jul. Aug. Sep. Sept. Oct. Nov. Dec.
    Ala. Ariz. Ark. Calif. Colo. Conn. Del. Fla. Ga. Ia. Id. Ill. Ind. Kan. Kans. Ky. La. Mass. Md. Mich.
    Minn. Miss. Mo. Mont. Neb. Nebr. Nev. Okla. Ore. Pa. Tenn. Va. Wash. Wis.
"""

_HALVES_OF_THE_DAY = ("am", "pm", "a.m.", "p.m.")

# eyes, with or without a nose -> mouths
_FACES = {
    ": :-": ") )) ))) ( (( ((( ] } * > | / D P p O o 0 3 x X",
    "; ;-": ") D P p",
    "= =-": ") ( ] [ | / D 3 P p",
    "8-": ") D",
    ":' :'- :’ :’-": ") (",
    ">:": "( ) D O o P p",
    ":o": ")",
}
_OTHER_FACES = r"""
    (: (; (= (-: (-; (-8 (o: [: [= [-: ): )-: ]=
    ^_^ ^__^ ^___^ ^-^ ^.^ ^o^ ^^ -_- -__- -.- ._. ;_; o_o O_O o.o o.O O.o O.O 0.0 x_x @_@ *_* v.v
    >_< >.< >_> >.> <_< <.< >:o :1 <3 <33 <333 </3 \o/ /o\ \m/
    (^_^) (*_*) (>_<) (._.) (¬_¬) (ಠ_ಠ) ಠ_ಠ ಠ︵ಠ ¯\(ツ)/¯ ¯\_(ツ)_/¯ (╯°□°)╯︵┻━┻ (╯°□°）╯︵┻━┻ ><(((*>
"""


def special_forms() -> dict[str, Pieces]:
    """Return all special cases of English: each form with the pieces that it is split into."""
    forms = {"".join(pieces): pieces for pieces in _contractions()}
    for whole in (*_whole_words(), *_ABBREVIATIONS.split(), *_single_letters(), *_emoticons()):
        forms[whole] = (whole,)
    forms.update({f"{hour}{half}": (str(hour), half) for hour in range(1, 13) for half in _HALVES_OF_THE_DAY})
    return forms


def _contractions() -> Iterator[Pieces]:
    """Yield the pieces of each contraction, in all spellings."""
    for pieces in _plain_contractions():
        for cased in (pieces, (pieces[0].capitalize(), *pieces[1:])):
            yield cased
            yield tuple(piece.replace("'", "’") for piece in cased)
            bare = tuple(piece.replace("'", "") for piece in cased)
            if "".join(bare).lower() not in _OTHER_WORDS and pieces not in _OTHER_CONTRACTIONS:
                yield bare


def _plain_contractions() -> Iterator[Pieces]:
    """Yield the pieces of each contraction in lower case with apostrophes."""
    for clitics, words in _CLITICS.items():
        for word in words.split():
            yield (word, *clitics)
    for subject in _SUBJECTS.split():
        for clitics in _SUBJECT_CLITICS:
            yield (subject, *clitics)
    for verb in f"{_NEGATED} {_NEGATED_OR_PERFECT}".split():
        yield verb, "n't"
    for verb in _NEGATED_OR_PERFECT.split():
        yield verb, "n't", "'ve"
    yield from _OTHER_CONTRACTIONS


def _whole_words() -> Iterator[str]:
    for word in _WHOLE_WORDS.split():
        for cased in (word, word.title() if word.startswith("'") else word.capitalize()):
            yield cased
            yield cased.replace("'", "’")


def _single_letters() -> Iterator[str]:
    """Yield initials: ``j.``; in upper case they need no entry."""
    for letter in (*ascii_lowercase, "ä", "ö", "ü"):
        yield f"{letter}."


def _emoticons() -> Iterator[str]:
    for eyes, mouths in _FACES.items():
        yield from (eye + mouth for eye in eyes.split() for mouth in mouths.split())
    yield from _OTHER_FACES.split()
