"""A trained model as users have it.

``model`` is the public class and its folder on disk, ``constrained_learner`` predicts under ``rules``,
``match_features`` turns matchers into input features, ``parts`` makes the plugins' parts of a model or
pipeline, ``examples`` reads what ``Model.update`` takes.

Imports ``config``, ``evaluation``, ``files``, ``hosting`` and below.
"""
