"""Acquisition: what a model version predicts on the pool, and the questions ranked by expected gain."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from nerture.core.learner.learner import Learner
from nerture.core.text.doc import Doc, Span, SpanKey
from nerture.core.text.lexical import normalize_surface
from nerture.core.text.match import Match
from nerture.interfaces import Candidate, Sorter
from nerture.sessions.estimates.snapshot import TrainingSnapshot
from nerture.sessions.plan import SessionPlan
from nerture.sessions.pool.pool import Pool
from nerture.sessions.pool.pool_predictions import PoolPredictions, QuestionRef, SpanCandidate
from nerture.sessions.pool.text import Text

MIN_PROBABILITY = 0.01
"""Spans with a lower probability are ignored."""
MIN_ASKED_PROBABILITY = 0.05
"""Spans with a lower probability get no span question."""
MAX_TEXTS, MAX_FIRST_TEXTS = 3000, 200
"""Texts that a version and the start model predict; with more, the annotator would wait for the effect of
answers, or for the first question."""
ALIKE = 0.5
"""Share of its uncertainty that a span loses with the first answer about the same surface."""
PARTIAL = 0.5
"""Gain from an answer about a single span, relative to the same span in a complete text, where its context
becomes known, too."""
SURPRISE = 8.0
"""Gain from an unforeseen entity, in nats, including other entities like it."""


def predict_pool(
    plan: SessionPlan,
    pool: Pool,
    sorter: Sorter,
    snapshot: TrainingSnapshot,
    *,
    learner: Learner | None,
    version: int,
    held_out: frozenset[int],
) -> PoolPredictions:
    """Predict the pool with a learner, and rank the possible questions.

    Of a pool of more than ``MAX_TEXTS``, each version predicts a different sample. ``held_out`` texts are
    predicted by every trained version, and never asked about here.
    """
    numbers = list(range(len(pool)))
    if len(pool) > MAX_TEXTS:
        permuted = np.random.default_rng([plan.seed, version]).permutation(len(pool)).tolist()
        is_start_model = learner is not None and not version
        numbers = sorted(permuted[:MAX_FIRST_TEXTS] if is_start_model else {*permuted[:MAX_TEXTS], *held_out})
    texts = [pool[number] for number in numbers]
    if learner is None:
        candidates = {text.number: _find_hit_candidates(text, snapshot, plan.labels) for text in texts}
    else:
        docs = [text.doc for text in texts]
        tables = [pool.attributes(doc, learner) for doc in docs]
        predictions = learner.probable_spans(docs, MIN_PROBABILITY, tables=tables)
        candidates = {
            text.number: _find_model_candidates(text, item.spans, snapshot, plan.labels, learner.threshold)
            for text, item in zip(texts, predictions, strict=True)
        }
    refs, question_candidates = _make_question_candidates(plan, pool, snapshot, candidates, held_out)
    order = sorter(question_candidates, (plan.seed * 1_000_003 + version) % 2**32)
    ranked = _cap_surfaces(
        [refs[index] for index in order], [question_candidates[index] for index in order], plan
    )
    return PoolPredictions(version, learner, candidates, tuple(ranked))


def _find_hit_candidates(
    text: Text, snapshot: TrainingSnapshot, labels: Sequence[str]
) -> tuple[SpanCandidate, ...]:
    return tuple(
        SpanCandidate(hit.start, hit.end, hit.label, reliability, reliability, hit.pattern)
        for hit in text.disjoint_hits
        if hit.label in labels
        for reliability in (snapshot.reliabilities.get(hit.pattern, snapshot.prior),)
    )


def _find_model_candidates(
    text: Text, spans: Sequence[Span], snapshot: TrainingSnapshot, labels: Sequence[str], threshold: float
) -> tuple[SpanCandidate, ...]:
    hits: dict[SpanKey, Match] = {hit.key: hit for hit in text.hits}
    candidates = []
    for span in spans:
        if span.label not in labels:
            continue
        hit = hits.get(span.key)
        probability = snapshot.calibration(span.score or 0.0)
        pattern = hit.pattern if hit else None
        score = span.score or 0.0
        candidates.append(
            SpanCandidate(span.start, span.end, span.label, probability, score, pattern, score > threshold)
        )
    return tuple(candidates)


def _make_question_candidates(
    plan: SessionPlan,
    pool: Pool,
    snapshot: TrainingSnapshot,
    candidates: Mapping[int, Sequence[SpanCandidate]],
    held_out: frozenset[int],
) -> tuple[list[QuestionRef], list[Candidate]]:
    """Return all possible questions, in the order of the source, with the data to rank them by."""
    total: defaultdict[str, float] = defaultdict(float)
    seen: Counter[str] = Counter()
    for target in snapshot.targets:
        for span in (*target.spans, *target.rejected):
            seen[normalize_surface(span.text)] += 1
    complete = {
        target.doc.text for target in snapshot.targets if all(map(target.is_complete_for, plan.labels))
    }
    surfaces: dict[int, list[str]] = {}
    for number, spans in candidates.items():
        surfaces[number] = [pool[number].surface(candidate.start, candidate.end) for candidate in spans]
        for surface, candidate in zip(surfaces[number], spans, strict=True):
            total[surface] += candidate.entropy

    forms = Counter(form for target in snapshot.targets for form in _lower_words(target.doc))

    def unseen_gain(doc: Doc) -> float:
        new_forms = sum(1 / (1 + forms[form]) for form in _lower_words(doc))
        return SURPRISE * snapshot.unseen_rate * new_forms

    def span_gain(surface: str, candidate: SpanCandidate) -> float:
        own = candidate.entropy
        return own + ALIKE / (1 + seen[surface]) * (total[surface] - own)

    refs, question_candidates = [], []
    for number, spans in candidates.items():
        text = pool[number]
        if text.text in complete or number in held_out:
            continue
        if plan.ask != "text":
            for surface, candidate in zip(surfaces[number], spans, strict=True):
                if candidate.probability < MIN_ASKED_PROBABILITY:
                    continue
                refs.append(QuestionRef(number, candidate))
                question_candidates.append(
                    Candidate(
                        "span", "pattern" if candidate.pattern else "model", candidate.probability,
                        candidate.entropy, PARTIAL * span_gain(surface, candidate),
                        snapshot.answer_speed.seconds_for_span(), surface, number,
                    )
                )  # fmt: skip
        if plan.ask != "span":
            doc = text.doc
            refs.append(QuestionRef(number, None))
            gains = [
                span_gain(surface, candidate)
                for surface, candidate in zip(surfaces[number], spans, strict=True)
            ]
            best = gains.index(max(gains)) if gains else -1
            question_candidates.append(
                Candidate(
                    "text", "pattern" if any(candidate.pattern for candidate in spans) else "model",
                    math.prod(max(candidate.probability, 1 - candidate.probability) for candidate in spans),
                    sum(candidate.entropy for candidate in spans),
                    sum(gains) + unseen_gain(doc),
                    snapshot.answer_speed.seconds_for_text(len(doc), _expect_edits(spans)),
                    surfaces[number][best] if gains else "", number,
                )
            )  # fmt: skip
    return refs, question_candidates


def _lower_words(doc: Doc) -> list[str]:
    """Return the lower-cased words of a text."""
    return [word.lower() for word in doc.words]


def _expect_edits(candidates: Sequence[SpanCandidate]) -> float:
    """Return the expected number of edits in a text if its candidates above 0.5 are suggested."""
    return sum(min(candidate.probability, 1 - candidate.probability) for candidate in candidates)


def _cap_surfaces(
    refs: Sequence[QuestionRef], question_candidates: Sequence[Candidate], plan: SessionPlan
) -> list[QuestionRef]:
    """Move questions to the end that exceed ``surface_cap`` of those with the same most uncertain surface."""
    asked: Counter[str] = Counter()
    first, later = [], []
    for ref, question_candidate in zip(refs, question_candidates, strict=True):
        asked[question_candidate.surface] += 1
        if question_candidate.surface and asked[question_candidate.surface] > plan.surface_cap:
            later.append(ref)
        else:
            first.append(ref)
    return first + later
