"""``TrainingRun``: a learner on its way through the texts of a training, step by step."""

from __future__ import annotations

from collections.abc import Sequence

from nerture.core.learner.learner import Learner
from nerture.core.learner.updater import Updater
from nerture.core.network.parameters import Parameters
from nerture.core.network.settings import TrainSettings
from nerture.training.stock import SourceData
from nerture.training.training_data import TrainingData


class TrainingRun:
    """Teaches a learner, which knows the words of all texts of ``data`` from the beginning.

    ``anchor`` is where weight decay pulls to (None: to zero).
    """

    def __init__(
        self, learner: Learner, data: TrainingData, settings: TrainSettings, anchor: Parameters | None = None
    ) -> None:
        docs = [target.doc for stock in data.every_stock for target in stock.targets]
        self._attributes = {doc: learner.attributes(doc) for doc in dict.fromkeys(docs)}
        # what is learned from twice, as in rehearsal, is met twice
        met = (self._attributes[doc] for doc in docs)
        self.updater = Updater(learner.knowing(met), settings, anchor)

    def take(self, stock: SourceData, chosen: Sequence[int]) -> tuple[float, int]:
        """Take a step on some texts of a stock of ``data``; return the loss per word and the words."""
        targets = [stock.targets[index] for index in chosen]
        attributes = [self._attributes[target.doc] for target in targets]
        loss = self.updater.update(attributes, targets, stock.losses, hides_words=stock.hides_words)
        return loss, sum(map(len, attributes))
