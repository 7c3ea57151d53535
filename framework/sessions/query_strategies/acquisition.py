"""What a version of the model holds of the texts, and in which order it would have them asked about."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from nerture.core.learner.learner import Learner
from nerture.core.text.doc import Doc, Span
from nerture.core.text.match import Match
from nerture.interfaces import Candidate, Sorter
from nerture.sessions.estimates.snapshot import TrainingSnapshot
from nerture.sessions.plan import SessionPlan
from nerture.sessions.pool.pool import Pool
from nerture.sessions.pool.pool_predictions import PoolPredictions, QuestionRef, SpanCandidate
from nerture.sessions.pool.text import Text

MIN_PROBABILITY = 0.01
"""Spans of a lower probability are not looked at."""
MIN_ASKED_PROBABILITY = 0.05
"""Spans of a lower probability are not asked about by themselves."""
MAX_TEXTS, MAX_FIRST_TEXTS = 3000, 200
"""Texts that a version is asked about, and the model that a session starts with: more would keep the
annotator waiting for what answers teach, or for the first question."""
ALIKE = 0.5
"""Share of its uncertainty that a span loses when the same surface is answered about for the first time."""
PARTIAL = 0.5
"""What an answer about a single span teaches, for what the same span teaches within a text that is marked as
a whole: there its neighbours become known too, and what is no entity."""
SURPRISE = 8.0
"""What is learned from an entity that the model did not see coming, in nats: itself, and its like."""


def look(
    plan: SessionPlan,
    pool: Pool,
    sorter: Sorter,
    snapshot: TrainingSnapshot,
    *,
    learner: Learner | None,
    version: int,
    aside: frozenset[int],
) -> PoolPredictions:
    """Ask a learner about the pool's texts, and put what could be asked in order.

    Of a pool of more than ``MAX_TEXTS``, each version sees others. The texts that are set ``aside`` are
    looked at by every version that has learned, and never asked about here.
    """
    numbers = list(range(len(pool)))
    if len(pool) > MAX_TEXTS:
        drawn = np.random.default_rng([plan.seed, version]).permutation(len(pool)).tolist()
        beginning = learner is not None and not version
        numbers = sorted(drawn[:MAX_FIRST_TEXTS] if beginning else {*drawn[:MAX_TEXTS], *aside})
    texts = [pool[number] for number in numbers]
    if learner is None:
        chances = {text.number: _of_patterns(text, snapshot, plan.labels) for text in texts}
    else:
        docs = [text.doc for text in texts]
        tables = [pool.attributes(doc, learner) for doc in docs]
        found = learner.probable_spans(docs, MIN_PROBABILITY, tables=tables)
        chances = {
            text.number: _of_model(text, item.spans, snapshot, plan.labels, learner.threshold)
            for text, item in zip(texts, found, strict=True)
        }
    askings, candidates = _candidates(plan, pool, snapshot, chances, aside)
    order = sorter(candidates, (plan.seed * 1_000_003 + version) % 2**32)
    ranked = _spread([askings[index] for index in order], [candidates[index] for index in order], plan)
    return PoolPredictions(version, learner, chances, tuple(ranked))


def _of_patterns(text: Text, snapshot: TrainingSnapshot, labels: Sequence[str]) -> tuple[SpanCandidate, ...]:
    return tuple(
        SpanCandidate(hit.start, hit.end, hit.label, reliability, reliability, hit.pattern)
        for hit in text.disjoint_hits
        if hit.label in labels
        for reliability in (snapshot.reliabilities.get(hit.pattern, snapshot.prior),)
    )


def _of_model(
    text: Text, spans: Sequence[Span], snapshot: TrainingSnapshot, labels: Sequence[str], threshold: float
) -> tuple[SpanCandidate, ...]:
    hits: dict[tuple[int, int, str], Match] = {(hit.start, hit.end, hit.label): hit for hit in text.hits}
    found = []
    for span in spans:
        if span.label not in labels:
            continue
        hit = hits.get((span.start, span.end, span.label))
        probability = snapshot.calibration(span.score or 0.0)
        pattern = hit.pattern if hit else None
        score = span.score or 0.0
        found.append(
            SpanCandidate(span.start, span.end, span.label, probability, score, pattern, score > threshold)
        )
    return tuple(found)


def _candidates(
    plan: SessionPlan,
    pool: Pool,
    snapshot: TrainingSnapshot,
    chances: Mapping[int, Sequence[SpanCandidate]],
    aside: frozenset[int],
) -> tuple[list[QuestionRef], list[Candidate]]:
    """Return every question that could be asked, in the order of the source, as sorters see them."""
    total: defaultdict[str, float] = defaultdict(float)
    seen: Counter[str] = Counter()
    for target in snapshot.targets:
        for span in (*target.spans, *target.rejected):
            seen[" ".join(span.text.lower().split())] += 1
    complete = {target.doc.text for target in snapshot.targets if all(map(target.complete_for, plan.labels))}
    surfaces: dict[int, list[str]] = {}
    for number, found in chances.items():
        surfaces[number] = [pool[number].surface(chance.start, chance.end) for chance in found]
        for surface, chance in zip(surfaces[number], found, strict=True):
            total[surface] += chance.entropy

    forms = Counter(form for target in snapshot.targets for form in _forms(target.doc))

    def unforeseen(doc: Doc) -> float:
        fresh = sum(1 / (1 + forms[form]) for form in _forms(doc))
        return SURPRISE * snapshot.missed * fresh

    def worth(surface: str, chance: SpanCandidate) -> float:
        own = chance.entropy
        return own + ALIKE / (1 + seen[surface]) * (total[surface] - own)

    askings, candidates = [], []
    for number, found in chances.items():
        text = pool[number]
        if text.text in complete or number in aside:
            continue
        if plan.ask != "text":
            for surface, chance in zip(surfaces[number], found, strict=True):
                if chance.probability < MIN_ASKED_PROBABILITY:
                    continue
                askings.append(QuestionRef(number, chance))
                candidates.append(
                    Candidate(
                        "span", "pattern" if chance.pattern else "model", chance.probability,
                        chance.entropy, PARTIAL * worth(surface, chance), snapshot.pace.of_span(),
                        surface, number,
                    )
                )  # fmt: skip
        if plan.ask != "span":
            doc = text.doc
            askings.append(QuestionRef(number, None))
            gains = [worth(surface, chance) for surface, chance in zip(surfaces[number], found, strict=True)]
            most = gains.index(max(gains)) if gains else -1
            candidates.append(
                Candidate(
                    "text", "pattern" if any(chance.pattern for chance in found) else "model",
                    math.prod(max(chance.probability, 1 - chance.probability) for chance in found),
                    sum(chance.entropy for chance in found),
                    sum(gains) + unforeseen(doc),
                    snapshot.pace.of_text(len(doc), _edits(found)),
                    surfaces[number][most] if gains else "", number,
                )
            )  # fmt: skip
    return askings, candidates


def _forms(doc: Doc) -> list[str]:
    """Return the words of a text in lower case."""
    return [word.lower() for word in doc.words]


def _edits(chances: Sequence[SpanCandidate]) -> float:
    """Return how many spans of a text are expected to be mended, if what is likelier than not is offered."""
    return sum(min(chance.probability, 1 - chance.probability) for chance in chances)


def _spread(
    askings: Sequence[QuestionRef], candidates: Sequence[Candidate], plan: SessionPlan
) -> list[QuestionRef]:
    """Move what comes after ``surface_cap`` questions with the same most uncertain surface to the end."""
    asked: Counter[str] = Counter()
    first, later = [], []
    for asking, candidate in zip(askings, candidates, strict=True):
        asked[candidate.surface] += 1
        if candidate.surface and asked[candidate.surface] > plan.surface_cap:
            later.append(asking)
        else:
            first.append(asking)
    return first + later
