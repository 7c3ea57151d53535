"""Merges several statements about one text; if they contradict each other, the newest takes precedence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from nerture.core.errors import Origin
from nerture.core.targets.consistency import check_consistency
from nerture.core.targets.retokenization import retokenize
from nerture.core.targets.target import Target
from nerture.core.text.doc import Span

Group = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Conflict:
    """A contradiction: ``message`` tells what ``newer`` says and names ``older``, which is overruled."""

    message: str
    newer: Origin | None
    older: Origin | None

    def __str__(self) -> str:
        return f"{_format_origin(self.newer)}: {self.message}"


@dataclass(frozen=True, slots=True)
class Merged:
    """The merged statements, and the conflicts between them."""

    target: Target
    conflicts: tuple[Conflict, ...] = ()


def merge(statements: Sequence[Target], labels: Iterable[str] = ()) -> Merged:
    """Merge statements about one text, oldest first; some derivation always agrees with the result.

    From the newest statement to the oldest, each part is kept unless it contradicts what is already kept:

    - an accepted span yields to one that overlaps it, to its rejection, to an outside token within it, to a
      statement that is complete for its label without it, and to a group all of whose spans would then be
      accepted (with the other spans of the group that the same statement accepts);
    - a rejection, an outside token and a group yield to accepted spans only;
    - a statement is no longer complete for a label if one of its spans of that label is dropped, or if a
      newer statement accepts another: if one entity was missed, others may be missing, and if bounds were
      wrong, nothing is known about the tokens next to the right ones.

    If there is no contradiction, the derivations that agree with the result are those that agree with every
    statement. Each conflict is reported once, with both origins. Statements with different tokens are moved
    to common tokens. ``labels`` are those of the pipeline, which determine what completeness for every label
    means once it is lost for one.

    All ``beliefs`` are kept; ``teacher`` and ``weight`` are those of the newest statement that has one; the
    origin is that of the oldest, where the text was first read. Raises ``ConflictError`` for a statement that
    contradicts itself, ``DataError`` if the texts differ.
    """
    for statement in statements:
        check_consistency(statement)
    moved = retokenize(statements)
    merger = _Merger(_find_labels(moved) | set(labels))
    for statement in reversed(moved):
        merger.add(statement)
    target = replace(
        merger.make_target(moved[-1]),
        beliefs=tuple(belief for statement in moved for belief in statement.beliefs),
        teacher=next((target.teacher for target in reversed(moved) if target.teacher is not None), None),
        origin=moved[0].origin,
    )
    return Merged(target, tuple(merger.conflicts))


def _find_labels(statements: Iterable[Target]) -> set[str]:
    """Return every label that a statement names."""
    labels: set[str] = set()
    for statement in statements:
        for spans in (statement.spans, statement.rejected, *statement.not_together):
            labels.update(span.label for span in spans)
        if not isinstance(statement.complete, bool):
            labels |= statement.complete
    return labels


class _Merger:
    """The merged parts of the newer statements, each with the origin of the newest one that has it."""

    def __init__(self, labels: set[str]) -> None:
        self.labels = sorted(labels)
        self.accepted: dict[Span, Origin | None] = {}
        self.rejected: dict[Span, Origin | None] = {}
        self.outside: dict[int, Origin | None] = {}
        self.groups: dict[Group, Origin | None] = {}
        self.complete: dict[str, Origin | None] = {}
        self.others_complete = False  # for labels that no statement names
        self.conflicts: list[Conflict] = []

    def add(self, statement: Target) -> None:
        """Add the parts of an older statement that contradict nothing."""
        gone: dict[Span, Origin | None] = {}
        stays = self._split_spans(statement, gone)
        origin = statement.origin
        for span in statement.rejected:
            if span in self.accepted:
                self._add_conflict(
                    f"accepts {span}", self.accepted[span], f"which {_format_origin(origin)} rejects", origin
                )
            else:
                self.rejected.setdefault(span, origin)
        self._add_outside(statement)
        self._add_groups(statement, stays)
        self._add_completeness(statement, gone)
        for span in stays:
            self.accepted.setdefault(span, origin)

    def make_target(self, newest: Target) -> Target:
        """Return the merged target, with the Doc and the weight of ``newest``."""
        complete: bool | frozenset[str] = frozenset(self.complete)
        groups = self._resolve_groups()
        if self.others_complete and len(self.complete) == len(self.labels):
            complete = True
        return replace(
            newest,
            spans=_sort_spans(self.accepted),
            complete=complete,
            rejected=_sort_spans(self.rejected),
            outside=tuple(sorted(self.outside)),
            not_together=groups,
        )

    def _resolve_groups(self) -> tuple[Group, ...]:
        """Return the groups that still matter, without accepted spans; a single remaining span is rejected.

        The fewer groups there are, the fewer cases a loss has to distinguish.
        """
        groups = []
        rests = [tuple(span for span in group if span not in self.accepted) for group in self.groups]
        for rest in sorted(dict.fromkeys(rests), key=len):
            if any(self._find_objection(span) for span in rest):
                continue  # one of them is not there anyway
            if len(rest) == 1:
                self.rejected[rest[0]] = None
            else:
                groups.append(rest)
        return tuple(groups)

    def _split_spans(self, statement: Target, gone: dict[Span, Origin | None]) -> list[Span]:
        """Return the accepted spans that stay; those that yield go to ``gone``, with what overrules them."""
        stays: list[Span] = []
        origin = statement.origin
        for span in dict.fromkeys(statement.spans):
            objection = None if span in self.accepted else self._find_objection(span)
            if objection is None:
                stays.append(span)
                continue
            says, gone[span] = objection
            self._add_conflict(says, gone[span], f"which {_format_origin(origin)} accepts", origin)
        for group, newer in self.groups.items():
            if set(group) <= {*self.accepted, *stays}:
                yielding = [span for span in stays if span in group and span not in self.accepted]
                gone.update(dict.fromkeys(yielding, newer))
                stays = [span for span in stays if span not in yielding]
                says = f"says that {_join_spans(group)} are not all there"
                older = f"but {_format_origin(origin)} accepts {_join_spans(yielding)}"
                self._add_conflict(says, newer, older, origin)
        return stays

    def _find_objection(self, span: Span) -> tuple[str, Origin | None] | None:
        """Return what contradicts a span that is not accepted yet, and its origin; None if nothing does."""
        if span in self.rejected:
            return f"rejects {span}", self.rejected[span]
        for accepted, origin in self.accepted.items():
            if span.start < accepted.end and accepted.start < span.end:  # faster than Span.overlaps
                return f"accepts {accepted}, which overlaps {span}", origin
        for token in range(span.start, span.end) if self.outside else ():
            if token in self.outside:
                word = span.doc[token].text
                return f"says that {word!r} is outside, but it is in {span}", self.outside[token]
        if span.label in self.complete:
            return f"has all entities of {span.label} without {span}", self.complete[span.label]
        return None

    def _add_outside(self, statement: Target) -> None:
        covered = {token: span for span in self.accepted for token in range(span.start, span.end)}
        reported: set[Span] = set()
        for token in statement.outside:
            span = covered.get(token)
            if span is None:
                self.outside.setdefault(token, statement.origin)
            elif span not in reported:
                reported.add(span)
                word = statement.doc[token].text
                older = f"but {_format_origin(statement.origin)} says that {word!r} in it is outside"
                self._add_conflict(f"accepts {span}", self.accepted[span], older, statement.origin)

    def _add_groups(self, statement: Target, stays: Iterable[Span]) -> None:
        accepted, origin = {*self.accepted, *stays}, statement.origin
        for group in statement.not_together:
            ordered = _sort_spans(group)
            newer = [span for span in ordered if span in self.accepted]
            if accepted.issuperset(ordered):
                older = f"but {_format_origin(origin)} says that {_join_spans(ordered)} are not all there"
                self._add_conflict(f"accepts {_join_spans(newer)}", self.accepted[newer[-1]], older, origin)
            else:
                self.groups.setdefault(ordered, origin)

    def _add_completeness(self, statement: Target, gone: dict[Span, Origin | None]) -> None:
        origin = statement.origin
        for label in self.labels:
            if not statement.is_complete_for(label):
                continue
            lost = next((span for span in gone if span.label == label), None)
            missed = [span for span in self.accepted if span.label == label and span not in statement.spans]
            if lost is not None and label not in self.complete:
                older = f"so {_format_origin(origin)}, which accepts it, is no longer complete for {label}"
                self._add_conflict(f"does not have {lost}", gone[lost], older, origin)
            elif missed:
                older = f"but {_format_origin(origin)} has all entities of {label} without it"
                self._add_conflict(f"accepts {missed[0]}", self.accepted[missed[0]], older, origin)
            else:
                self.complete.setdefault(label, origin)
        self.others_complete = self.others_complete or statement.complete is True

    def _add_conflict(self, says: str, newer: Origin | None, but: str, older: Origin | None) -> None:
        self.conflicts.append(Conflict(f"{says}, {but}; the newer counts", newer, older))


def _format_origin(origin: Origin | None) -> str:
    return str(origin) if origin else "another answer"


def _sort_spans(spans: Iterable[Span]) -> tuple[Span, ...]:
    return tuple(sorted(set(spans), key=lambda span: span.key))


def _join_spans(spans: Iterable[Span]) -> str:
    return " and ".join(map(str, spans))
