"""``Model``: a trained recognizer with its tokenizer and its matchers, in memory and as a folder."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import yaml

from nerture.core.learner.learner import Block, Learner
from nerture.core.learner.quantization import Precision
from nerture.core.learner.serialization import META, load_learner, save_learner
from nerture.core.learner.updater import Updater
from nerture.core.network.settings import TrainSettings
from nerture.core.targets.projection import in_characters, onto_tokens
from nerture.core.targets.span_mixtures import MIN_PROBABILITY, put_together
from nerture.core.targets.span_probabilities import SpanProbabilities
from nerture.core.targets.target import Target
from nerture.core.text.doc import Doc
from nerture.errors import DataError, ModelFileError
from nerture.evaluation.calibration import Calibrated, fit_calibration
from nerture.evaluation.scorer import MEASURES, Report, score
from nerture.files.folders import replaced_folder
from nerture.files.model_folder import CONFIG, FILES, describe_folder
from nerture.hosting.manager import PluginManager, make_manager
from nerture.hosting.services import HostServices
from nerture.interfaces import Loss, Matcher, Tokenizer
from nerture.models.constrained_learner import Analysis, ConstrainedLearner, Thresholds, check_thresholds
from nerture.models.examples import Example, as_target
from nerture.models.match_features import MatchFeatureExtractor
from nerture.models.rules import FORBID, REQUIRE, Constraints
from nerture.registry import Registry


class Model:
    """A named-entity recognizer: ``model(text)`` finds the entities.

    ``config`` is the pipeline that it was trained by, as plain data; ``files`` maps the paths that its
    matchers use to where they are; ``meta`` is whatever else is worth keeping: metrics, provenance.
    ``constraints`` are rules that hold whatever the model thinks: every probability that it reports is one
    given these.
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
        """The labels that the model gives."""
        return self.learner.labels

    @property
    def learner(self) -> Learner:
        """The learner, which knows nothing of the constraints."""
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
        """The plugins, loaded when first needed."""
        if self._manager is None:
            self._manager = make_manager(Path.cwd())
        return self._manager

    def doc(self, text: str | Doc) -> Doc:
        """Return the text as a Doc of this model's tokens; a Doc stays as it is."""
        if isinstance(text, Doc):
            return text
        if not isinstance(text, str):
            raise DataError(f"expected a text or a Doc, got {type(text).__name__}")
        return Doc(text, self.tokenizer)

    def __call__(self, text: str | Doc, thresholds: Thresholds | None = None) -> Doc:
        """Find the entities of one text: its Doc, with ``spans`` set, each with its probability as ``score``.

        These are the spans that do not overlap and whose sum of P(span) - threshold is greatest; a label's
        threshold is the learner's own, mostly 0.5, unless ``thresholds`` names another. Raises ``DataError``
        for a threshold that is not between 0 and 1 and for an unknown label, and ``ConflictError`` where
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
        """Find the entities of many texts, ``batch_size`` at a time; the Docs come in order.

        What is found, and what is raised, is the same as with one text.
        """
        if batch_size < 1:
            raise DataError(f"batch_size: expected 1 or more, got {batch_size}")
        check_thresholds(thresholds or {}, self.labels)
        batch: list[Doc] = []
        for text in texts:
            batch.append(self.doc(text))
            if len(batch) == batch_size:
                yield from self._tagged(batch, thresholds)
                batch = []
        yield from self._tagged(batch, thresholds)

    def _tagged(self, docs: Sequence[Doc], thresholds: Thresholds | None) -> Iterator[Doc]:
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

        An example is what ``update`` takes. Raises ``ConflictError`` when no analysis agrees with it and with
        the constraints.
        """
        return self.constrained.log_mass(as_target(example, self._services()))

    def k_best(self, doc: str | Doc, k: int) -> list[Analysis]:
        """Return the ``k`` most probable analyses of a whole text, best first; fewer where there are fewer.

        Each is ``(probability, spans)``. Raises ``DataError`` for a text of more than 8,000 tokens, and for a
        ``k`` below 1.
        """
        return self.constrained.k_best(self.doc(doc), k)

    def update(self, examples: Iterable[Example], loss: str | Loss = "oracle") -> float:
        """Take one training step on some examples and return the loss per word.

        An example is a ``Target``, a ``{"text", "spans"}`` row, or ``(text, {"entities": [(start, end,
        label)]})``, complete for every label unless it says otherwise. ``loss`` is a loss or the name of one.
        """
        services = self._services()
        function = self.manager.registry.create("loss", loss, {}, services) if isinstance(loss, str) else loss
        targets = [as_target(example, services) for example in examples]
        targets = [target for target in targets if len(target.doc)]
        if not targets:
            raise DataError("no example with a word in it")
        if self._updater is None:
            start = self.learner.weights.copy()
            self._updater = Updater(self.learner.copy(), TrainSettings(), anchor=start)
        attributes = [self.learner.attributes(target.doc) for target in targets]
        self._updater.meet(attributes)
        value = self._updater.update(attributes, targets, [(function, 1.0)])
        self.learner = self._updater.averaged
        return value

    def span_probabilities(
        self, docs: Sequence[Doc], temperature: float | None = None, *, rules: bool = True
    ) -> list[SpanProbabilities]:
        """Return the spans of each doc that have a probability of ``MIN_PROBABILITY`` or more.

        The spans count the docs' own tokens. Docs with other tokens than this model would make are read with
        those, and what is found is carried over by its characters (``nerture.core.targets.projection``).
        ``temperature`` divides the scores; by default the probabilities are calibrated.
        Without ``rules`` they are what the learner holds by itself, whatever the constraints say. Raises
        ``ConflictError`` where constraints contradict each other.
        """
        own = [self.doc(doc.text) for doc in docs]
        found = []
        asked = self.constrained if rules else ConstrainedLearner(self.learner, Constraints())
        probable = asked.probable_spans(own, MIN_PROBABILITY, temperature)
        for doc, read, spans in zip(docs, own, probable, strict=True):
            rows = [(span.start, span.end, self.labels.index(span.label)) for span in spans]
            here = put_together(self.labels, rows, [span.score or 0.0 for span in spans])
            if not np.array_equal(doc.offsets, read.offsets):
                here = onto_tokens(in_characters(here, read.offsets), doc.offsets)
            found.append(here)
        return found

    def evaluate(self, targets: Sequence[Target], thresholds: Thresholds | None = None) -> Report:
        """Predict the targets' texts and compare; the time taken is that of the prediction alone."""
        started = perf_counter()
        predictions = self.constrained.predict(
            [target.doc for target in targets], thresholds, [target.origin for target in targets]
        )
        return score(targets, predictions, self.labels, perf_counter() - started)

    def calibrate(self, targets: Sequence[Target]) -> Calibrated:
        """Fit the calibration by which the probabilities of spans come true best.

        Only probabilities change, not the entities that are found. ``targets`` are texts that the model was
        not trained on. Raises ``DataError`` when it finds no entity in them that is known to be right or
        wrong.
        """
        old, new = self.learner.calibration, fit_calibration([(self.learner, targets)])
        before = self.evaluate(targets).reliability
        self.learner.calibration = new
        after = self.evaluate(targets).reliability
        if before is None or after is None:
            self.learner.calibration = old
            raise DataError("the model finds no entity in these texts: nothing tells how sure it may be")
        result = Calibrated(old, new, len(targets), before, after)
        self.meta["calibration"] = {
            "temperature": new.temperature, "offsets": dict(new.offsets), "texts": len(targets),
            "entities": len(after), "ece": after.ece, "brier": after.brier,
        }  # fmt: skip
        scores = self.meta.get("evaluation")
        if isinstance(scores, dict):  # its measures are of other probabilities than the model reports now
            self.meta["evaluation"] = {key: scores[key] for key in scores if key not in MEASURES}
        return result

    def compress(self, precision: Precision) -> None:
        """Round the weights to ``f16`` or ``int8`` (or not at all: ``f32``), and store them so from now on.

        In ``int8`` it also computes in whole steps, at up to twice the speed; in ``f16`` it computes in
        float32 as before. Training goes on in float32. Raises ``SettingError`` when weights are beyond the
        range of half floats.
        """
        self.learner = self.learner.compressed(precision)
        self._updater = None

    def _services(self) -> HostServices:
        return HostServices(self.manager.registry, self.labels, Path.cwd(), self.tokenizer)

    def describe(self) -> list[Block]:
        """Return every parameter block with its shape and count."""
        return self.learner.describe()

    def save(self, path: Path | str) -> None:
        """Write the model folder; an existing one is replaced once the new one is complete.

        Raises ``ModelFileError`` when ``path`` holds files but no model, and ``NertureError`` when the
        disk refuses.
        """
        place = Path(path)
        if place.is_dir() and any(place.iterdir()) and not (place / META).is_file():
            raise ModelFileError(f"{place}: holds files but no model; name a folder that may be replaced")
        with replaced_folder(place) as folder:
            kept: dict[str, str] = {}
            for number, (name, source) in enumerate(sorted(self._files.items())):
                kept[name] = f"{FILES}/{number}-{source.name}"
                (folder / FILES).mkdir(exist_ok=True)
                shutil.copyfile(source, folder / kept[name])
            text = yaml.safe_dump(self.config, sort_keys=False, allow_unicode=True)
            (folder / CONFIG).write_text(text, encoding="utf-8")
            save_learner(self.learner, folder, {**self.meta, "files": kept})


class ModelServices(HostServices):
    """Services of a saved model: the files that its matchers use lie in its folder."""

    def __init__(
        self,
        registry: Registry,
        labels: tuple[str, ...],
        folder: Path,
        tokenizer: Tokenizer,
        files: Mapping[str, Path],
    ) -> None:
        super().__init__(registry, labels, folder, tokenizer)
        self._files = files

    def resolve(self, path: str) -> Path:
        """Return the model's own copy of a file."""
        return self._files[path] if path in self._files else super().resolve(path)


def load(path: Path | str, manager: PluginManager | None = None) -> Model:
    """Load a model folder.

    Raises ``ModelFileError`` when it is missing, damaged, or of a newer format, and ``ConfigError`` when it
    needs a plugin that is not there.
    """
    found = describe_folder(Path(path))
    manager = manager or make_manager(Path.cwd())
    registry, labels, folder = manager.registry, found.labels, found.folder
    plain = HostServices(registry, labels, folder)
    tokenizer = registry.create("tokenizer", *found.tokenizer(), plain, f"{found.place}: tokenizer")
    services = ModelServices(registry, labels, folder, tokenizer, found.files)

    def matchers(role: str) -> list[Matcher]:
        return [
            registry.create(
                "matcher", part.use, part.options, services, f"{found.place}: matchers[{part.number}]"
            )
            for part in found.matchers()
            if role in part.roles
        ]

    features = matchers("feature")
    learner = load_learner(folder, found.meta, MatchFeatureExtractor(features) if features else None)
    constraints = Constraints(matchers(REQUIRE), matchers(FORBID))
    return Model(
        learner, tokenizer, found.config,
        files=found.files, meta=_extra(found.meta), manager=manager, constraints=constraints,
    )  # fmt: skip


def _extra(meta: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of a model's description is not the learner's own."""
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
