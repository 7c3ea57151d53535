"""A trained model as users have it.

``model`` is the public class and its folder on disk, ``constrained_learner`` predicts under ``rules``,
``match_features`` turns matchers into input features, ``examples`` reads what ``Model.update`` takes.

Imports ``evaluation``, ``files``, ``hosting`` and below.
"""
