"""``Model``: a trained recognizer with its tokenizer and its matchers, in memory and as a folder."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from nerture.core.learner.learner import Block, Learner
from nerture.core.learner.quantization import Precision
from nerture.core.learner.serialization import META, load_learner, save_learner
from nerture.core.learner.updater import Updater
from nerture.core.network.settings import TrainSettings
from nerture.core.targets.projection import to_characters, to_tokens
from nerture.core.targets.span_mixtures import MIN_PROBABILITY, sum_span_rows
from nerture.core.targets.span_probabilities import SpanProbabilities
from nerture.core.targets.target import Target
from nerture.core.text.doc import Doc
from nerture.errors import DataError, ModelFileError
from nerture.evaluation.calibration import Calibrated, fit_calibration
from nerture.evaluation.scorer import MEASURES, Report, score
from nerture.files.folders import replace_folder
from nerture.files.model_folder import CONFIG, FILES, describe_folder, format_config
from nerture.hosting.manager import PluginManager, make_manager
from nerture.hosting.roles import AT_PREDICTION
from nerture.hosting.services import HostServices
from nerture.interfaces import Loss, Tokenizer
from nerture.models.constrained_learner import Analysis, ConstrainedLearner, Thresholds, check_thresholds
from nerture.models.examples import Example, as_target
from nerture.models.parts import make_parts
from nerture.models.rules import Constraints


class Model:
    """A named-entity recognizer: ``model(text)`` finds the entities.

    ``config`` is the pipeline that it was trained with, as plain data; ``files`` maps the paths in its
    matchers' options to absolute ones; ``meta`` is further information to keep: metrics, provenance.
    ``constraints`` are rules that always hold: every probability is given these.
    """

    def __init__(
        self,
        learner: Learner,
        tokenizer: Tokenizer,
        config: Mapping[str, Any],
        *,
        files: Mapping[str, Path] | None = None,
        meta: Mapping[str, Any] | None = None,
        manager: PluginManager | None = None,
        constraints: Constraints | None = None,
    ) -> None:
        self.constrained = ConstrainedLearner(learner, constraints or Constraints())
        self.tokenizer = tokenizer
        self.config = dict(config)
        self.meta = dict(meta or {})
        self._files = dict(files or {})
        self._manager = manager
        self._updater: Updater | None = None

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that the model predicts."""
        return self.learner.labels

    @property
    def learner(self) -> Learner:
        """The learner, which does not know the constraints."""
        return self.constrained.learner

    @learner.setter
    def learner(self, learner: Learner) -> None:
        self.constrained = ConstrainedLearner(learner, self.constraints)

    @property
    def constraints(self) -> Constraints:
        """The rules that hold at prediction."""
        return self.constrained.constraints

    @constraints.setter
    def constraints(self, constraints: Constraints) -> None:
        self.constrained = ConstrainedLearner(self.learner, constraints)

    @property
    def manager(self) -> PluginManager:
        """The plugins; loaded when first needed."""
        if self._manager is None:
            self._manager = make_manager(Path.cwd())
        return self._manager

    def doc(self, text: str | Doc) -> Doc:
        """Return the text as a Doc with this model's tokens; a Doc is returned unchanged."""
        if isinstance(text, Doc):
            return text
        if not isinstance(text, str):
            raise DataError(f"expected a text or a Doc, got {type(text).__name__}")
        return Doc(text, self.tokenizer)

    def __call__(self, text: str | Doc, thresholds: Thresholds | None = None) -> Doc:
        """Find the entities of one text: return its Doc with ``spans``, their probabilities as ``score``.

        These are the spans without overlap that have the highest sum of P(span) - threshold; the threshold
        is the learner's own, mostly 0.5, unless ``thresholds`` has one for the label. Raises ``DataError``
        for a threshold that is not between 0 and 1 and for an unknown label, and ``ConflictError`` if
        constraints contradict each other.
        """
        doc = self.doc(text)
        (doc.spans,) = self.constrained.predict([doc], thresholds)
        return doc

    def pipe(
        self,
        texts: Iterable[str | Doc],
        batch_size: int = 256,
        thresholds: Thresholds | None = None,
    ) -> Iterator[Doc]:
        """Find the entities of many texts, ``batch_size`` at a time; yields the Docs in order.

        The results and errors are the same as for one text.
        """
        if batch_size < 1:
            raise DataError(f"batch_size: expected 1 or more, got {batch_size}")
        check_thresholds(thresholds or {}, self.labels)
        batch: list[Doc] = []
        for text in texts:
            batch.append(self.doc(text))
            if len(batch) == batch_size:
                yield from self._tag(batch, thresholds)
                batch = []
        yield from self._tag(batch, thresholds)

    def _tag(self, docs: Sequence[Doc], thresholds: Thresholds | None) -> Iterator[Doc]:
        for doc, spans in zip(docs, self.constrained.predict(docs, thresholds), strict=True):
            doc.spans = spans
            yield doc

    def span_probability(self, doc: str | Doc, start: int, end: int, label: str) -> float:
        """Return the probability that the tokens ``[start, end)`` are exactly one entity of this label.

        Raises ``DataError`` for a span that is not within the text, and for an unknown label.
        """
        return self.constrained.span_probability(self.doc(doc), start, end, label)

    def log_mass(self, example: Example) -> float:
        """Return the log-probability of all analyses that agree with an example: at most 0.

        Examples are those of ``update``. Raises ``ConflictError`` if no analysis agrees with it and with the
        constraints.
        """
        return self.constrained.log_mass(as_target(example, self._services()))

    def k_best(self, doc: str | Doc, k: int) -> list[Analysis]:
        """Return the ``k`` most probable analyses of a whole text, best first; fewer if there are fewer.

        Each is ``(probability, spans)``. Raises ``DataError`` for a text of more than 8,000 tokens, and for a
        ``k`` below 1.
        """
        return self.constrained.k_best(self.doc(doc), k)

    def update(self, examples: Iterable[Example], loss: str | Loss = "oracle") -> float:
        """Take one training step on some examples and return the loss per word.

        An example is a ``Target``, a ``{"text", "spans"}`` row, or ``(text, {"entities": [(start, end,
        label)]})``, complete for all labels unless it says otherwise. ``loss`` is a loss or the name of one.
        """
        services = self._services()
        function = self.manager.registry.create("loss", loss, {}, services) if isinstance(loss, str) else loss
        targets = [as_target(example, services) for example in examples]
        targets = [target for target in targets if len(target.doc)]
        if not targets:
            raise DataError("expected an example with a word in it, got none")
        if self._updater is None:
            start = self.learner.weights.copy()
            self._updater = Updater(self.learner.copy(), TrainSettings(), anchor=start)
        attributes = [self.learner.attributes(target.doc) for target in targets]
        self._updater.add_vocabulary(attributes)
        value = self._updater.update(attributes, targets, [(function, 1.0)])
        self.learner = self._updater.averaged
        return value

    def span_probabilities(
        self, docs: Sequence[Doc], temperature: float | None = None, *, rules: bool = True
    ) -> list[SpanProbabilities]:
        """Return the spans of each doc that have a probability of ``MIN_PROBABILITY`` or more.

        The spans count the docs' own tokens. If this model would make other tokens, it predicts with those,
        and the spans are projected by their characters (``nerture.core.targets.projection``).
        ``temperature`` divides the scores; by default the probabilities are calibrated. Without ``rules``
        they are those of the learner without constraints. Raises ``ConflictError`` if constraints contradict
        each other.
        """
        own_docs = [self.doc(doc.text) for doc in docs]
        learner = self.constrained if rules else ConstrainedLearner(self.learner, Constraints())
        results = []
        probable = learner.probable_spans(own_docs, MIN_PROBABILITY, temperature)
        for doc, own_doc, spans in zip(docs, own_docs, probable, strict=True):
            rows = [(span.start, span.end, self.labels.index(span.label)) for span in spans]
            result = sum_span_rows(self.labels, rows, [span.score or 0.0 for span in spans])
            if not np.array_equal(doc.offsets, own_doc.offsets):
                result = to_tokens(to_characters(result, own_doc.offsets), doc.offsets)
            results.append(result)
        return results

    def evaluate(self, targets: Sequence[Target], thresholds: Thresholds | None = None) -> Report:
        """Predict the targets' texts and score the predictions; ``seconds`` is the time of prediction."""
        started = perf_counter()
        predictions = self.constrained.predict(
            [target.doc for target in targets], thresholds, [target.origin for target in targets]
        )
        return score(targets, predictions, self.labels, perf_counter() - started)

    def calibrate(self, targets: Sequence[Target]) -> Calibrated:
        """Fit the calibration of the probabilities of spans.

        It changes only probabilities, not which entities are found. ``targets`` are texts that the model was
        not trained on. Raises ``DataError`` if it finds no entity in them that is known to be right or wrong.
        """
        old, new = self.learner.calibration, fit_calibration([(self.learner, targets)])
        before = self.evaluate(targets).reliability
        self.learner.calibration = new
        after = self.evaluate(targets).reliability
        if before is None or after is None:
            self.learner.calibration = old
            raise DataError("the model finds no entity in these texts; calibration needs some")
        result = Calibrated(old, new, len(targets), before, after)
        self.meta["calibration"] = {
            "temperature": new.temperature, "offsets": dict(new.offsets), "texts": len(targets),
            "entities": len(after), "ece": after.ece, "brier": after.brier,
        }  # fmt: skip
        scores = self.meta.get("evaluation")
        if isinstance(scores, dict):  # its measures are those of the old probabilities
            self.meta["evaluation"] = {key: scores[key] for key in scores if key not in MEASURES}
        return result

    def compress(self, precision: Precision) -> None:
        """Quantize the weights to ``f16`` or ``int8`` (``f32`` for none), and save them in this precision.

        With ``int8`` it also predicts with integers, at up to twice the speed; with ``f16`` it predicts in
        float32. Training continues in float32. Raises ``SettingError`` if weights exceed the range of half
        floats.
        """
        self.learner = self.learner.with_precision(precision)
        self._updater = None

    def _services(self) -> HostServices:
        return HostServices.for_model(self)

    def describe(self) -> list[Block]:
        """Return every parameter block with its shape and count."""
        return self.learner.describe()

    def save(self, path: Path | str) -> None:
        """Write the model folder; an existing one is replaced once the new one is complete.

        Raises ``ModelFileError`` if ``path`` has files but no model, or the pipeline could not be read back,
        and ``NertureError`` if the disk fails.
        """
        place = Path(path)
        if place.is_dir() and any(place.iterdir()) and not (place / META).is_file():
            raise ModelFileError(f"{place}: has files but no model; name a folder that may be replaced")
        text = format_config(self.config)
        with replace_folder(place) as folder:
            copies: dict[str, str] = {}
            for number, (name, source) in enumerate(sorted(self._files.items())):
                copies[name] = f"{FILES}/{number}-{source.name}"
                (folder / FILES).mkdir(exist_ok=True)
                shutil.copyfile(source, folder / copies[name])
            (folder / CONFIG).write_text(text, encoding="utf-8")
            save_learner(self.learner, folder, {**self.meta, "files": copies})


def load(path: Path | str, manager: PluginManager | None = None) -> Model:
    """Load a model folder.

    Nothing beyond the folder is read. Raises ``ModelFileError`` if it is missing, damaged, of a newer format,
    or names files elsewhere, and ``ConfigError`` if it needs a plugin that is missing.
    """
    saved = describe_folder(Path(path))
    manager = manager or make_manager(Path.cwd())
    matchers = [matcher for matcher in saved.matchers() if AT_PREDICTION & set(matcher.roles)]
    parts = make_parts(manager.registry, saved.labels, saved.folder, saved.tokenizer(), matchers)
    learner = load_learner(saved.folder, saved.meta, parts.match_features)
    return Model(
        learner, parts.tokenizer, saved.config,
        files=saved.files, meta=_select_own_meta(saved.meta), manager=manager, constraints=parts.constraints,
    )  # fmt: skip


def _select_own_meta(meta: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keys of a model's description that are not the learner's."""
    own = {
        "format",
        "labels",
        "longest_entity",
        "match_features",
        "offsets",
        "precision",
        "settings",
        "temperature",
        "threshold",
        "vocabulary",
        "files",
    }
    return {key: value for key, value in meta.items() if key not in own}
