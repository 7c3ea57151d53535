"""What label sources that teach have in common: labels to labels, texts to targets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from nerture.core.annotations.record import Problem, Record
from nerture.core.errors import DataError, Origin, SettingError
from nerture.core.suggest_name import nearest
from nerture.core.targets.span_mixtures import pruned
from nerture.core.targets.span_probabilities import SpanProbabilities
from nerture.core.targets.target import Target
from nerture.core.text.doc import Doc

BATCH_WORDS = 5000
"""Words of the texts that a teacher is asked about at once."""


def names_of(
    labels: Sequence[str], given: Mapping[str, str | None], ours: Sequence[str], who: str = "the teacher"
) -> dict[str, str | None]:
    """Return for each of a teacher's labels what it is called here; None: it is of no concern.

    A label that ``given`` does not name keeps its name; without ``ours``, every label is of concern. Raises
    ``SettingError`` for what is not a label of the teacher (messages call it ``who``) or of the pipeline.
    """
    for theirs, name in given.items():
        if theirs not in labels:
            raise SettingError(f"map: {who} has no label {theirs!r}; {_hint(theirs, labels)}")
        check_label(name, ours, "map: ")
    names = {label: given.get(label, label) for label in labels}
    for label, name in names.items():
        if name is not None and ours and name not in ours:
            raise SettingError(
                f"{who}'s label {label!r} is not a label of the pipeline ({', '.join(ours)}); "
                f"say `map: {{{label}: ...}}`, with null if it is of no concern"
            )
    return names


def check_label(name: str | None, ours: Sequence[str], where: str = "") -> None:
    """Raise ``SettingError`` for a name that is not a label of the pipeline; ``where`` begins the message."""
    if name is not None and ours and name not in ours:
        raise SettingError(f"{where}{name!r} is not a label of the pipeline; {_hint(name, ours)}")


def taught(
    rows: Iterable[Record | Problem],
    doc: Callable[[Record], Doc],
    teach: Callable[[Sequence[Doc]], Sequence[SpanProbabilities]],
) -> Iterator[Target | Problem]:
    """Yield what a teacher holds of each text, in order; what is wrong with a row passes as it is.

    ``doc`` makes the tokens, ``teach`` is asked about several texts at once; one about which it raises
    ``DataError`` becomes a problem, ``not-analysed``. Nothing is known of a text but what the teacher holds
    of it; its spans below ``MIN_PROBABILITY`` are left out.
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
            yield from _with_teacher(waiting, teach)
            waiting, words = [], 0
    yield from _with_teacher(waiting, teach)


class _Text(NamedTuple):
    origin: Origin
    doc: Doc


def _with_teacher(
    items: Sequence[_Text | Problem], teach: Callable[[Sequence[Doc]], Sequence[SpanProbabilities]]
) -> Iterator[Target | Problem]:
    texts = [item for item in items if isinstance(item, _Text)]
    try:
        found = iter(teach([text.doc for text in texts]) if texts else ())
    except DataError as error:
        if len(items) > 1:  # which text it is, shows when each is asked about by itself
            for item in items:
                yield from _with_teacher([item], teach)
            return
        yield Problem(texts[0].origin, "not-analysed", f"the teacher: {error}", raw=texts[0].doc.text)
        return
    for item in items:
        if isinstance(item, Problem):
            yield item
        else:
            teacher = pruned(next(found))
            yield Target(item.doc, complete=frozenset(), origin=item.origin, teacher=teacher)


def _hint(name: str, names: Sequence[str]) -> str:
    similar = nearest(name, names)
    return f"did you mean {similar}?" if similar else f"it has {', '.join(names)}"
