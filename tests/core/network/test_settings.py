from __future__ import annotations

from dataclasses import FrozenInstanceError, fields, replace

import pytest

from nerture.core.errors import SettingError
from nerture.core.network.settings import ModelSettings, TrainSettings

RANGES = [(kind, item) for kind in (ModelSettings, TrainSettings) for item in fields(kind)]


@pytest.mark.parametrize(("kind", "item"), RANGES, ids=lambda value: getattr(value, "name", None))
def test_both_ends_of_each_range_are_allowed_and_nothing_beyond(kind, item):
    low, high = item.metadata["ge"], item.metadata["le"]
    assert item.metadata["help"]
    assert low is not None
    assert high is not None
    for value in (low, high):
        assert getattr(kind(**{item.name: value}), item.name) == value
    step = 1 if isinstance(low, int) else 1e-9
    for value in (low - step, high + step if step == 1 else high * 1.01):
        with pytest.raises(SettingError, match=f"{item.name}: expected {low} to {high}, got .*"):
            kind(**{item.name: value})


@pytest.mark.parametrize("value", ["96", None, True, 96.5, [96], float("nan")])
def test_a_whole_number_is_wanted(value):
    with pytest.raises(SettingError, match=r"width: expected a whole number, got .*"):
        ModelSettings(width=value)


@pytest.mark.parametrize("value", ["0.1", None, True, float("nan"), float("inf")])
def test_a_number_is_wanted(value):
    with pytest.raises(SettingError, match=r"dropout: expected (a number|0.0 to 0.9), got .*"):
        TrainSettings(dropout=value)


def test_settings_do_not_change():
    with pytest.raises(FrozenInstanceError):
        ModelSettings().width = 5
    assert replace(TrainSettings(), seed=3).seed == 3
