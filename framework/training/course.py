"""``Course``: a learner on its way through the texts of a training, step by step."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from nerture.core.learner import Learner
from nerture.core.parameters import Parameters
from nerture.core.settings import TrainSettings
from nerture.core.updater import Updater
from nerture.training.stock import Stock
from nerture.training.training_data import TrainingData


class Course:
    """Teaches a learner, which knows the words of all texts of ``data`` from the beginning.

    ``anchor`` is where weight decay pulls to (None: to zero).
    """

    def __init__(
        self, learner: Learner, data: TrainingData, settings: TrainSettings, anchor: Parameters | None = None
    ) -> None:
        self._attributes = {
            id(stock): [learner.attributes(target.doc) for target in stock.targets]
            for stock in data.every_stock
        }
        met = itertools.chain.from_iterable(self._attributes.values())
        self.updater = Updater(learner.knowing(met), settings, anchor)

    def take(self, stock: Stock, chosen: Sequence[int]) -> tuple[float, int]:
        """Take a step on some texts of a stock of ``data``; return the loss per word and the words."""
        attributes = [self._attributes[id(stock)][index] for index in chosen]
        targets = [stock.targets[index] for index in chosen]
        return self.updater.update(attributes, targets, stock.losses), sum(map(len, attributes))
