"""Do the probabilities of found entities come true? Default recipe, calibrated on held-out texts.

Training calibrates by itself, on the texts that it evaluates on; where these are no training texts, the
command's calibration of what was found there is shown, too. ``--set train.folds=5`` calibrates drugs by
cross-validation.
Of each model: ECE over ten bins with the 95 % band that chance alone would give it, and the Brier score
beside that of always saying the precision. spaCy, if it is installed, learns from the same texts and is
scored by its beam search (width 16), as is usual; its entities are those of its greedy parse.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from quality import sets, without_use

from nerture.core.learner.batching import batch_by_words
from nerture.core.targets.target import Target
from nerture.core.text.doc import Doc, Span
from nerture.evaluation.scorer import Report, score
from nerture.files.corpus import collect
from nerture.pipeline import open_pipeline
from nerture.training.trainer import Trainer
from nerture.training.training_data import read_training_data

BEAM_WIDTH, BEAM_DENSITY = 16, 0.0001
PATIENCE = 8  # epochs


def show(name: str, report: Report) -> None:
    known = report.reliability
    assert known is not None, "nothing was found"
    low, high = known.ece_band()
    print(
        f"{name:30s} F {100 * report.f1:4.1f}  found {len(known):4d}  mean {100 * known.confidence:4.1f}  "
        f"right {100 * known.accuracy:4.1f}  ECE {100 * known.ece:4.1f} (by chance {100 * low:.1f} to "
        f"{100 * high:.1f})  Brier {known.brier:.4f} (constant {known.brier_of_constant:.4f})",
        flush=True,
    )


def parted(config: dict[str, Any], folder: Path, seed: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Set a fifth of the training texts aside for testing, by the seed: to try things out on no test text."""
    (source,) = config["sources"]
    path = Path(source["path"])
    between = "\n" if path.suffix == ".jsonl" else "\n\n"
    texts = [text for text in path.read_text(encoding="utf-8").split(between) if text.strip()]
    order = np.random.default_rng([7, seed]).permutation(len(texts))
    parts = {"learning": order[len(texts) // 5 :], "testing": order[: len(texts) // 5]}
    sources = {}
    for name, chosen in parts.items():
        written = folder / f"{name}{path.suffix}"
        written.write_text("".join(texts[index].strip("\n") + between for index in chosen), encoding="utf-8")
        sources[name] = {**source, "path": str(written)}
    return {**config, "sources": [sources["learning"]]}, sources["testing"]


class Spacy:
    """Blank English with spaCy's default NER, trained on targets until the held-out texts get no better."""

    def __init__(self, training: Sequence[Target], held_out: Sequence[Target], seed: int) -> None:
        import spacy
        from spacy.cli.init_config import init_config
        from spacy.training import Example

        spacy.util.fix_random_seed(seed)
        config = init_config(lang="en", pipeline=["ner"], optimize="efficiency")
        self.nlp = spacy.util.load_model_from_config(config, auto_fill=True)
        examples = [Example(self.doc(target.doc), self.annotated(target)) for target in training]
        optimizer = self.nlp.initialize(lambda: examples)
        random = np.random.default_rng(seed)
        lengths = [len(target.doc) for target in training]
        best, waited, kept = -1.0, 0, self.nlp.to_bytes()
        while waited < PATIENCE:
            for batch in batch_by_words(lengths, 1000, random.permutation(len(lengths)).tolist()):
                self.nlp.update([examples[index] for index in batch], drop=0.1, sgd=optimizer)
            with self.nlp.use_params(optimizer.averages):
                f1 = self.report(held_out).f1
                waited = 0 if f1 > best else waited + 1
                if not waited:
                    best, kept = f1, self.nlp.to_bytes()
        self.nlp.from_bytes(kept)

    def doc(self, doc: Doc) -> Any:
        from spacy.tokens import Doc as SpacyDoc

        spaces = [after.start_char > before.end_char for before, after in pairwise(doc)]
        return SpacyDoc(self.nlp.vocab, doc.words, [*spaces, False][: len(doc)])

    def annotated(self, target: Target) -> Any:
        from spacy.tokens import Span as SpacySpan

        doc = self.doc(target.doc)
        doc.ents = [SpacySpan(doc, span.start, span.end, span.label) for span in target.spans]
        return doc

    def report(self, targets: Sequence[Target]) -> Report:
        """Score what the greedy parse finds; a span that is in no parse of the beam has probability 0."""
        ner = self.nlp.get_pipe("ner")
        found: list[list[Span]] = []
        for start in range(0, len(targets), 64):
            chunk = targets[start : start + 64]
            docs = list(self.nlp.get_pipe("tok2vec").pipe(self.doc(target.doc) for target in chunk))
            beams = ner.beam_parse(docs, beam_width=BEAM_WIDTH, beam_density=BEAM_DENSITY)
            shares = ner.scored_ents(beams)
            for target, doc, share in zip(chunk, ner.pipe(docs), shares, strict=True):
                entities = [(ent.start, ent.end, ent.label_) for ent in doc.ents]
                found.append([target.doc.span(*key, min(share.get(key, 0.0), 1.0)) for key in entities])
        return score(targets, found, [])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--set", dest="overrides", action="append", default=[], metavar="KEY.PATH=VALUE")
    parser.add_argument("--only", choices=["drugs", "wnut17"], action="append")
    parser.add_argument(
        "--training-only",
        action="store_true",
        help="test on a fifth of the training texts, chosen by the seed, for trying out",
    )
    arguments = parser.parse_args()
    try:
        import spacy
    except ImportError:
        spacy = None
    with tempfile.TemporaryDirectory() as folder:
        chosen = sets(arguments.data, Path(folder))
        for name in arguments.only or ["drugs", "wnut17"]:
            for seed in range(arguments.seeds):
                config, test = chosen[name]
                if arguments.training_only:
                    config, test = parted(config, Path(folder), seed)
                pipeline = open_pipeline(
                    {"nerture": 1, **config}, [*arguments.overrides, f"train.seed={seed}"]
                )
                data = read_training_data(pipeline)
                source = pipeline.manager.registry.create(
                    "source", "gold", without_use(test), pipeline.services
                )
                targets = collect(source.targets(), name).items
                model = Trainer(pipeline, data).run().model
                show(f"{name} {seed} as trained", model.evaluate(targets))
                if not data.full_sources:  # else it was calibrated before it learned from these texts, too
                    temperature = model.calibrate(data.held_out).new.temperature
                    show(f"{name} {seed} temperature {temperature:.2f}", model.evaluate(targets))
                if spacy is not None:
                    training = [target for source in data.sources for target in source.targets]
                    show(f"{name} {seed} spaCy's beam", Spacy(training, data.held_out, seed).report(targets))


if __name__ == "__main__":
    main()
