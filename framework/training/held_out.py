"""Which texts are held out: whole texts, the same ones in every source that has them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from nerture.core.targets.target import Target


def set_aside(sources: Sequence[Sequence[Target]], share: float, seed: int) -> set[str]:
    """Return a share of the texts of each source that can judge a model, chosen by the seed.

    At least one text of a source is chosen, where it has two, and at least one is not. A text that several
    sources have is chosen or not with the first of them: what one source teaches of it must not be a
    lesson to a model that another source judges.
    """
    aside: set[str] = set()
    for number, texts in _new_texts(sources):
        count = min(max(1, round(share * len(texts))), len(texts) - 1)
        chosen = np.random.default_rng([seed, number]).permutation(len(texts))[:count]
        aside.update(texts[index] for index in chosen)
    return aside


def parts(sources: Sequence[Sequence[Target]], count: int, seed: int) -> list[set[str]]:
    """Deal the texts of all sources that can judge a model into ``count`` parts, by the seed."""
    dealt: list[str] = []
    for number, texts in _new_texts(sources):
        order = np.random.default_rng([seed, number]).permutation(len(texts))
        dealt += [texts[index] for index in order]
    return [set(dealt[part::count]) for part in range(count)]


def judges(targets: Sequence[Target]) -> bool:
    """Say whether these targets can show that a model is wrong somewhere."""
    return any(target.rules_out for target in targets)


def _new_texts(sources: Sequence[Sequence[Target]]) -> Iterator[tuple[int, list[str]]]:
    """Yield the number of each source that can judge, and its texts that no such source before it has."""
    known: set[str] = set()
    for number, targets in enumerate(sources):
        if judges(targets):
            texts = [text for text in dict.fromkeys(one.doc.text for one in targets) if text not in known]
            known.update(texts)
            if texts:
                yield number, texts
