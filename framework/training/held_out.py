"""Which texts are held out: whole texts, and the same ones from every source that has them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from nerture.core.targets.target import Target


def hold_out(sources: Sequence[Sequence[Target]], share: float, seed: int) -> set[str]:
    """Choose a share of the texts of each source that can evaluate a model, by the seed.

    From a source with two texts or more at least one is chosen, and at least one is not. A text that several
    sources have is chosen with the first of them: a model must not be trained on what one source knows of a
    text on which another source evaluates it.
    """
    held_out: set[str] = set()
    for number, texts in _find_new_texts(sources):
        count = min(max(1, round(share * len(texts))), len(texts) - 1)
        chosen = np.random.default_rng([seed, number]).permutation(len(texts))[:count]
        held_out.update(texts[index] for index in chosen)
    return held_out


def split_folds(sources: Sequence[Sequence[Target]], count: int, seed: int) -> list[set[str]]:
    """Split the texts of all sources that can evaluate a model into ``count`` folds, by the seed."""
    shuffled: list[str] = []
    for number, texts in _find_new_texts(sources):
        order = np.random.default_rng([seed, number]).permutation(len(texts))
        shuffled += [texts[index] for index in order]
    return [set(shuffled[fold::count]) for fold in range(count)]


def can_evaluate(targets: Sequence[Target]) -> bool:
    """Return True if some target rules out an analysis, so that a prediction can be wrong."""
    return any(target.rules_out for target in targets)


def _find_new_texts(sources: Sequence[Sequence[Target]]) -> Iterator[tuple[int, list[str]]]:
    """Yield the number of each source that can evaluate, and its texts that no such source before it has."""
    known: set[str] = set()
    for number, targets in enumerate(sources):
        if can_evaluate(targets):
            unique = dict.fromkeys(target.doc.text for target in targets)
            texts = [text for text in unique if text not in known]
            known.update(texts)
            if texts:
                yield number, texts
