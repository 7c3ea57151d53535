"""What label sources with a teacher share: the mapping of labels, and targets made from texts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from nerture.core.annotations.record import Problem, Record
from nerture.core.errors import DataError, Origin, SettingError
from nerture.core.suggest_name import suggest_name
from nerture.core.targets.span_mixtures import prune_spans
from nerture.core.targets.span_probabilities import SpanProbabilities
from nerture.core.targets.target import Target
from nerture.core.text.doc import Doc

BATCH_WORDS = 5000
"""Words of the texts that a teacher analyses at once."""


def map_labels(
    labels: Sequence[str], mapping: Mapping[str, str | None], ours: Sequence[str], who: str = "the teacher"
) -> dict[str, str | None]:
    """Return the pipeline's name of each of a teacher's labels; None if the label is dropped.

    A label that is not in ``mapping`` keeps its name; without ``ours``, every name is valid. Raises
    ``SettingError`` for a label that neither the teacher (called ``who`` in messages) nor the pipeline has.
    """
    for theirs, name in mapping.items():
        if theirs not in labels:
            raise SettingError(f"map: {who} has no label {theirs!r}; {_suggest(theirs, labels)}")
        check_label(name, ours, "map: ")
    names = {label: mapping.get(label, label) for label in labels}
    for label, name in names.items():
        if name is not None and ours and name not in ours:
            raise SettingError(
                f"{who}'s label {label!r} is not a label of the pipeline ({', '.join(ours)}); "
                f"add `map: {{{label}: ...}}`, with null to drop it"
            )
    return names


def check_label(name: str | None, ours: Sequence[str], where: str = "") -> None:
    """Raise ``SettingError`` if ``name`` is not a label of the pipeline; ``where`` begins the message."""
    if name is not None and ours and name not in ours:
        raise SettingError(f"{where}{name!r} is not a label of the pipeline; {_suggest(name, ours)}")


def make_teacher_targets(
    rows: Iterable[Record | Problem],
    doc: Callable[[Record], Doc],
    teach: Callable[[Sequence[Doc]], Sequence[SpanProbabilities]],
) -> Iterator[Target | Problem]:
    """Yield a target with the teacher's probabilities for each text, in order; problems are passed through.

    ``doc`` tokenizes; ``teach`` analyses several texts at once. A text for which it raises ``DataError``
    becomes a problem, ``not-analysed``. The targets contain nothing but the teacher's probabilities; spans
    below ``MIN_PROBABILITY`` are left out.
    """
    waiting: list[_Text | Problem] = []
    words = 0
    for row in rows:
        if isinstance(row, Problem):
            waiting.append(row)
            continue
        text = _Text(row.origin, doc(row))
        waiting.append(text)
        words += len(text.doc)
        if words >= BATCH_WORDS:
            yield from _ask_teacher(waiting, teach)
            waiting, words = [], 0
    yield from _ask_teacher(waiting, teach)


class _Text(NamedTuple):
    origin: Origin
    doc: Doc


def _ask_teacher(
    items: Sequence[_Text | Problem], teach: Callable[[Sequence[Doc]], Sequence[SpanProbabilities]]
) -> Iterator[Target | Problem]:
    texts = [item for item in items if isinstance(item, _Text)]
    try:
        teachers = iter(teach([text.doc for text in texts]) if texts else ())
    except DataError as error:
        if len(items) > 1:  # ask about each text by itself, to find the one that fails
            for item in items:
                yield from _ask_teacher([item], teach)
            return
        yield Problem(texts[0].origin, "not-analysed", f"the teacher: {error}", raw=texts[0].doc.text)
        return
    for item in items:
        if isinstance(item, Problem):
            yield item
        else:
            teacher = prune_spans(next(teachers))
            yield Target(item.doc, complete=frozenset(), origin=item.origin, teacher=teacher)


def _suggest(name: str, names: Sequence[str]) -> str:
    similar = suggest_name(name, names)
    return f"did you mean {similar}?" if similar else f"it has {', '.join(names)}"
