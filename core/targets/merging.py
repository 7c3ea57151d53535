"""Several statements about one text made into one; where they contradict each other, the newest counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from nerture.core.errors import Origin
from nerture.core.targets.consistency import check
from nerture.core.targets.retokenization import on_common_tokens
from nerture.core.targets.target import Target
from nerture.core.text.doc import Span

Group = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Conflict:
    """A contradiction: ``message`` says what ``newer`` says, and names ``older``, which is not believed."""

    message: str
    newer: Origin | None
    older: Origin | None

    def __str__(self) -> str:
        return f"{_named(self.newer)}: {self.message}"


@dataclass(frozen=True, slots=True)
class Merged:
    """All of the statements together, and where they contradicted each other."""

    target: Target
    conflicts: tuple[Conflict, ...] = ()


def merge(statements: Sequence[Target], labels: Iterable[str] = ()) -> Merged:
    """Join what is said about one text, oldest first; the result can always be fulfilled.

    From the newest statement to the oldest, each part is kept unless it contradicts what is kept already:

    - an accepted span yields to one that overlaps it, to its rejection, to an outside token within it, to a
      statement that is complete for its label without it, and to a group that it would make whole, with all
      its fellows that the same statement accepts;
    - a rejection, an outside token and a group yield to accepted spans alone;
    - a statement is complete for a label no longer when one of its spans of that label is gone, or a newer
      one accepts another: who missed one entity may have missed more, and where bounds were wrong nothing is
      known of the tokens beside the right ones.

    Where nothing contradicts, the derivations that agree with the result are those that agree with every
    statement. Each conflict is told once, with both origins. Statements with different tokens are moved to
    tokens that fit all of them. ``labels`` are those of the pipeline: they tell what completeness for every
    label without one is.

    ``beliefs`` are all kept, ``teacher`` and ``weight`` are those of the newest that has one; the origin is
    the oldest's, where the text was first met. Raises ``ConflictError`` for a statement that contradicts
    itself, ``DataError`` when the texts differ.
    """
    for statement in statements:
        check(statement)
    moved = on_common_tokens(statements)
    known = _Known(_labels(moved) | set(labels))
    for statement in reversed(moved):
        known.add(statement)
    target = replace(
        known.target(moved[-1]),
        beliefs=tuple(belief for statement in moved for belief in statement.beliefs),
        teacher=next((one.teacher for one in reversed(moved) if one.teacher is not None), None),
        origin=moved[0].origin,
    )
    return Merged(target, tuple(known.conflicts))


def _labels(statements: Iterable[Target]) -> set[str]:
    """Return every label that a statement names."""
    found: set[str] = set()
    for statement in statements:
        for spans in (statement.spans, statement.rejected, *statement.not_together):
            found.update(span.label for span in spans)
        if not isinstance(statement.complete, bool):
            found |= statement.complete
    return found


class _Known:
    """What newer statements have left, each part with the origin of the newest that says it."""

    def __init__(self, labels: set[str]) -> None:
        self.labels = sorted(labels)
        self.accepted: dict[Span, Origin | None] = {}
        self.rejected: dict[Span, Origin | None] = {}
        self.outside: dict[int, Origin | None] = {}
        self.groups: dict[Group, Origin | None] = {}
        self.complete: dict[str, Origin | None] = {}
        self.others_complete = False  # for labels that nobody names
        self.conflicts: list[Conflict] = []

    def add(self, statement: Target) -> None:
        """Take in what an older statement says, as far as it contradicts nothing."""
        gone: dict[Span, Origin | None] = {}
        stays = self._spans(statement, gone)
        origin = statement.origin
        for span in statement.rejected:
            if span in self.accepted:
                self._conflict(
                    f"accepts {span}", self.accepted[span], f"which {_named(origin)} rejects", origin
                )
            else:
                self.rejected.setdefault(span, origin)
        self._outside(statement)
        self._groups(statement, stays)
        self._completeness(statement, gone)
        for span in stays:
            self.accepted.setdefault(span, origin)

    def target(self, newest: Target) -> Target:
        """Return what is known, on the Doc and with the weight of ``newest``."""
        complete: bool | frozenset[str] = frozenset(self.complete)
        groups = self._open_groups()
        if self.others_complete and len(self.complete) == len(self.labels):
            complete = True
        return replace(
            newest,
            spans=_ordered(self.accepted),
            complete=complete,
            rejected=_ordered(self.rejected),
            outside=tuple(sorted(self.outside)),
            not_together=groups,
        )

    def _open_groups(self) -> tuple[Group, ...]:
        """Return the groups that say something, without accepted spans; what is left alone is rejected.

        The fewer groups there are, the fewer cases a loss has to tell apart.
        """
        found = []
        rests = [tuple(span for span in group if span not in self.accepted) for group in self.groups]
        for rest in sorted(dict.fromkeys(rests), key=len):
            if any(self._against(span) for span in rest):
                continue  # one of them is not there anyway
            if len(rest) == 1:
                self.rejected[rest[0]] = None
            else:
                found.append(rest)
        return tuple(found)

    def _spans(self, statement: Target, gone: dict[Span, Origin | None]) -> list[Span]:
        """Return the accepted spans that stay; those that yield go to ``gone``, with what they yield to."""
        stays: list[Span] = []
        for span in dict.fromkeys(statement.spans):
            fault = None if span in self.accepted else self._against(span)
            if fault is None:
                stays.append(span)
                continue
            says, gone[span] = fault
            self._conflict(says, gone[span], f"which {_named(statement.origin)} accepts", statement.origin)
        for group, newer in self.groups.items():
            if set(group) <= {*self.accepted, *stays}:
                yielding = [span for span in stays if span in group and span not in self.accepted]
                gone.update(dict.fromkeys(yielding, newer))
                stays = [span for span in stays if span not in yielding]
                says = f"says that {_listed(group)} are not all there"
                self._conflict(
                    says,
                    newer,
                    f"but {_named(statement.origin)} accepts {_listed(yielding)}",
                    statement.origin,
                )
        return stays

    def _against(self, span: Span) -> tuple[str, Origin | None] | None:
        """Return what is known against a span that is not accepted yet, and who says it."""
        if span in self.rejected:
            return f"rejects {span}", self.rejected[span]
        for other, origin in self.accepted.items():
            if span.start < other.end and other.start < span.end:
                return f"accepts {other}, which overlaps {span}", origin
        for token in range(span.start, span.end) if self.outside else ():
            if token in self.outside:
                word = span.doc[token].text
                return f"says that {word!r} is outside, but it lies in {span}", self.outside[token]
        if span.label in self.complete:
            return f"has all entities of {span.label} without {span}", self.complete[span.label]
        return None

    def _outside(self, statement: Target) -> None:
        covered = {token: span for span in self.accepted for token in range(span.start, span.end)}
        told: set[Span] = set()
        for token in statement.outside:
            span = covered.get(token)
            if span is None:
                self.outside.setdefault(token, statement.origin)
            elif span not in told:
                told.add(span)
                word = statement.doc[token].text
                older = f"but {_named(statement.origin)} says that {word!r} in it is outside"
                self._conflict(f"accepts {span}", self.accepted[span], older, statement.origin)

    def _groups(self, statement: Target, stays: Iterable[Span]) -> None:
        there = {*self.accepted, *stays}
        for group in statement.not_together:
            ordered = _ordered(group)
            newer = [span for span in ordered if span in self.accepted]
            if there.issuperset(ordered):
                older = f"but {_named(statement.origin)} says that {_listed(ordered)} are not all there"
                self._conflict(f"accepts {_listed(newer)}", self.accepted[newer[-1]], older, statement.origin)
            else:
                self.groups.setdefault(ordered, statement.origin)

    def _completeness(self, statement: Target, gone: dict[Span, Origin | None]) -> None:
        origin = statement.origin
        for label in self.labels:
            if not statement.complete_for(label):
                continue
            lost = next((span for span in gone if span.label == label), None)
            missed = [s for s in self.accepted if s.label == label and s not in statement.spans]
            if lost is not None and label not in self.complete:
                older = f"so {_named(origin)}, which accepts it, is no longer complete for {label}"
                self._conflict(f"does not have {lost}", gone[lost], older, origin)
            elif missed:
                older = f"but {_named(origin)} has all entities of {label} without it"
                self._conflict(f"accepts {missed[0]}", self.accepted[missed[0]], older, origin)
            else:
                self.complete.setdefault(label, origin)
        self.others_complete = self.others_complete or statement.complete is True

    def _conflict(self, says: str, newer: Origin | None, but: str, older: Origin | None) -> None:
        self.conflicts.append(Conflict(f"{says}, {but}; the newer counts", newer, older))


def _named(origin: Origin | None) -> str:
    return str(origin) if origin else "another answer"


def _ordered(spans: Iterable[Span]) -> tuple[Span, ...]:
    return tuple(sorted(set(spans), key=lambda span: (span.start, span.end, span.label)))


def _listed(spans: Iterable[Span]) -> str:
    return " and ".join(map(str, spans))
