import io

import numpy as np
import pytest
from pydantic import ConfigDict, Field, ValidationError, model_validator

from nerture import Doc
from nerture.core.annotations.record import Record
from nerture.core.targets.target import Target
from nerture.errors import ConfigError, DataError, Origin, PatternError, PluginError
from nerture.hosting.manager import make_manager
from nerture.interfaces import Candidate, Match, Options
from nerture.registry import KINDS, Registry
from nerture.registry.guard import PluginInfo
from nerture.registry.validation import validate
from nerture.testing.samples import sample_scores, sample_targets

OTHER = PluginInfo("other", "2.0", "package other")


class Weighted(Options):
    weight: float = 1.0


class Aliased(Options):
    role: str = Field("x", alias="as")


def register(kind, part, info=OTHER, config=Options):
    """A registry with one part, which is `part` itself."""
    registry = Registry()
    registry.add(kind, "it", lambda options, services: part, config, info)
    return registry


def made(kind, part):
    return register(kind, part).create(kind, "it", {}, None, "pipeline.yaml:3: sources[0]")


def test_a_duplicate_names_both_plugins(registry):
    with pytest.raises(PluginError, match=r'the loss "oracle": small 1\.2 and other 2\.0'):
        registry.add("loss", "oracle", lambda options, services: None, Options, OTHER)


def test_the_same_name_for_two_kinds_is_no_duplicate(registry):
    registry.add("matcher", "oracle", lambda options, services: None, Options, OTHER)
    assert registry.entry("matcher", "oracle").plugin is OTHER


def test_unknown_name_names_the_nearest_and_all(registry):
    with pytest.raises(
        ConfigError, match=r'unknown loss "orcale": expected one of beam, oracle; did you mean "oracle"\?'
    ):
        registry.entry("loss", "orcale")


@pytest.mark.parametrize("name", ["", "Upper", "a b", "1a", "ä", 7])
def test_malformed_names(registry, info, name):
    with pytest.raises(PluginError, match=r"plugin small 1.2: register matcher"):
        registry.add("matcher", name, lambda options, services: None, Options, info)


def test_what_is_no_factory_or_no_options_is_refused(registry, info):
    with pytest.raises(PluginError, match="factory: expected a callable, got int"):
        registry.add("matcher", "x", 3, Options, info)
    with pytest.raises(PluginError, match=r"expected a subclass of nerture\.interfaces\.Options"):
        registry.add("matcher", "x", lambda options, services: None, dict, info)


@pytest.mark.parametrize(
    ("kind", "config", "key"), [("source", Weighted, "weight"), ("matcher", Aliased, "as")]
)
def test_options_may_not_take_the_hosts_keys(registry, info, kind, config, key):
    with pytest.raises(PluginError, match=f"{config.__name__}.{key}: this key belongs to the host"):
        registry.add(kind, "x", lambda options, services: None, config, info)


def test_options_are_validated_before_the_factory_is_called(registry):
    with pytest.raises(ConfigError) as caught:
        registry.create("source", "gold", {"pth": "x"}, None, "here")
    assert str(caught.value).splitlines() == [
        'here: source "gold": path: missing',
        'here: source "gold": pth: unknown key: expected one of complete, map, path; did you mean "path"?',
    ]


def test_an_exception_in_a_factory_names_plugin_version_and_part():
    def factory(options, services):
        return {}["gone"]

    registry = Registry()
    registry.add("matcher", "it", factory, Options, OTHER)
    with pytest.raises(PluginError) as caught:
        registry.create("matcher", "it", {}, None, "p.yaml:3: matchers[0]")
    message = str(caught.value)
    assert message.startswith("p.yaml:3: matchers[0]: plugin other 2.0: matcher \"it\": KeyError: 'gone' (")
    assert f"{__file__}:" in message
    assert isinstance(caught.value.__cause__, KeyError)


def test_an_error_raised_on_purpose_keeps_its_class_and_gains_the_place():
    def factory(options, services):
        raise PatternError("unknown attribute POS", Origin("p.jsonl", 4))

    registry = Registry()
    registry.add("matcher", "it", factory, Options, OTHER)
    with pytest.raises(PatternError) as caught:
        registry.create("matcher", "it", {}, None, "p.yaml:3: matchers[0]")
    assert str(caught.value) == "p.yaml:3: matchers[0]: p.jsonl:4: unknown attribute POS"
    assert caught.value.origin == Origin("p.jsonl", 4)


def fail(*_):
    raise ValueError("broken")


class Failing:
    labels = ("A",)
    suffixes = (".x",)
    sniff = read = targets = write = __call__ = fail


CALLS = {
    "tokenizer": lambda part: part("text"),
    "reader": lambda part: list(part.read(io.BytesIO(), "x")),
    "matcher": lambda part: part(Doc.from_words(["a"])),
    "source": lambda part: list(part.targets()),
    "loss": lambda part: part(None, []),
    "sorter": lambda part: part([], 0),
    "writer": lambda part: part.write(io.StringIO(), None, None, []),
}


def test_every_kind_is_called_below():
    assert set(CALLS) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_an_exception_in_a_call_names_plugin_version_and_part(kind):
    part = made(kind, Failing())
    with pytest.raises(
        PluginError, match=rf'sources\[0\]: plugin other 2\.0: {kind} "it": ValueError: broken \('
    ):
        CALLS[kind](part)


def test_an_exception_while_sniffing_names_the_plugin():
    with pytest.raises(PluginError, match='reader "it": ValueError: broken'):
        made("reader", Failing()).sniff("text")


@pytest.mark.parametrize("kind", ["reader", "writer"])
def test_the_operating_systems_errors_pass_through_files(kind):
    def full(*_):
        raise OSError(28, "No space left on device")

    part = type("Full", (), {"suffixes": (), "read": full, "write": full})()
    with pytest.raises(OSError, match="No space left"):
        CALLS[kind](made(kind, part))


@pytest.mark.parametrize(
    "offsets",
    [
        [(0, 1)],
        np.zeros((1, 2)),
        np.zeros(2, np.int32),
        np.array([[0, 9]], np.int32),
        np.array([[-1, 2]], np.int32),
        np.array([[2, 3], [0, 1]], np.int32),
    ],
)
def test_offsets_of_the_wrong_form_are_refused(offsets):
    with pytest.raises(PluginError, match='tokenizer "it": returned'):
        made("tokenizer", lambda text: offsets)("text")


@pytest.mark.parametrize("match", [Match(0, 2, "A", "1"), Match(1, 1, "A", "1"), Match(0, 1, "B", "1")])
def test_hits_outside_the_text_or_with_foreign_labels_are_refused(match):
    class Wrong:
        labels = ("A",)

        def __call__(self, doc):
            return [match]

    with pytest.raises(PluginError, match='matcher "it": returned'):
        made("matcher", Wrong())(Doc.from_words(["a"]))


@pytest.mark.parametrize(("kind", "method"), [("reader", "read"), ("source", "targets")])
def test_items_of_another_type_are_refused(kind, method):
    part = type("Wrong", (), {"suffixes": (), method: lambda *_: iter([3])})()
    with pytest.raises(PluginError, match=f'{kind} "it": yielded int'):
        CALLS[kind](made(kind, part))


def test_a_loss_of_the_wrong_form_is_refused():
    targets = sample_targets(("A",))
    scores = sample_scores(targets, ("A",))
    right = np.zeros_like(scores.closed), np.zeros_like(scores.open)
    for result, message in [
        ((1.0, right[0].astype(float), right[1]), "returned float64 .* as gradient of scores.closed"),
        ((1.0, right[0], right[1][:, :1]), "as gradient of scores.open, expected float32"),
        ((1.0, right[0], None), "returned NoneType as gradient of scores.open"),
        ((float("nan"), *right), "returned the loss nan"),
    ]:
        with pytest.raises(PluginError, match=message):
            made("loss", lambda *_, result=result: result)(scores, targets)
    assert made("loss", lambda *_: (1, *right))(scores, targets)[0] == 1.0


@pytest.mark.parametrize("order", [[0, 0], [1], [-1]])
def test_an_invalid_order_is_refused(order):
    candidate = Candidate("span", "model", 0.5, 0.1, 0.1, 2.5, "a", 0)
    with pytest.raises(PluginError, match=r'sorter "it": returned \[.*expected the indices of 1 cand'):
        made("sorter", lambda candidates, seed: order)([candidate], 0)


def test_what_is_right_passes_unchanged():
    target = Target(Doc.from_words(["a"]))
    record = Record("a", Origin("x", 1))
    source = type("Source", (), {"targets": lambda self: iter([target])})()
    reader = type("Reader", (), {"suffixes": (".x",), "read": lambda *_: iter([record])})()
    assert list(made("source", source).targets()) == [target]
    assert list(made("reader", reader).read(io.BytesIO(), "x")) == [record]
    assert made("reader", reader).suffixes == (".x",)


def test_a_data_error_while_targets_are_read_gains_the_place():
    def targets(self):
        raise DataError("gold.jsonl: no such file")
        yield

    with pytest.raises(DataError, match=r"^pipeline.yaml:3: sources\[0\]: gold.jsonl: no such file$"):
        CALLS["source"](made("source", type("Source", (), {"targets": targets})()))


class Required(Options):
    path: str


class Whole(Options):
    low: float = 2.0
    high: float = 1.0

    @model_validator(mode="after")
    def _ordered(self):
        if self.low > self.high:
            raise ValueError("low is above high")
        return self


class CheckedDefault(Options):
    weight: float = Field(-1.0, ge=0, validate_default=True)


class CheckedDefaults(Options):
    model_config = ConfigDict(validate_default=True)
    weight: float = Field(-1.0, ge=0)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (Required, 'loss "it": path: missing'),
        (Whole, 'loss "it": low is above high, got {}'),
        (CheckedDefault, "expected 0 or more"),
        (CheckedDefaults, "expected 0 or more"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_without_options_a_model_still_says_what_it_wants(config, message):
    with pytest.raises(ConfigError, match=message):
        register("loss", None, config=config).options("loss", "it", {})


def test_options_that_are_left_out_are_the_defaults():
    for entry in make_manager(environ={}).registry.entries():
        options, issues = validate(entry.config, {})
        try:
            assert options == entry.config.model_validate({}), entry
        except ValidationError:
            assert issues, entry
