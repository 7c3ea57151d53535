import pytest

from nerture.config.overrides import override
from nerture.errors import ConfigError


def overridden(tree, *texts, environ=None):
    for text in texts:
        override(tree, text, environ or {})
    return tree


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("train.seed=2", {"train": {"seed": 2}, "sources": [{"path": "a"}]}),
        ("train.dropout=1e-1", {"train": {"seed": 1, "dropout": 0.1}, "sources": [{"path": "a"}]}),
        ("sources.0.path=x=y.jsonl", {"train": {"seed": 1}, "sources": [{"path": "x=y.jsonl"}]}),
        ("model.width=8", {"train": {"seed": 1}, "sources": [{"path": "a"}], "model": {"width": 8}}),
        ("labels=[A, B]", {"train": {"seed": 1}, "sources": [{"path": "a"}], "labels": ["A", "B"]}),
        ("train={seed: 4}", {"train": {"seed": 4}, "sources": [{"path": "a"}]}),
        ("sources.0={path: b}", {"train": {"seed": 1}, "sources": [{"path": "b"}]}),
        ("train.seed=", {"train": {"seed": None}, "sources": [{"path": "a"}]}),
        ("train.seed=${S}", {"train": {"seed": 9}, "sources": [{"path": "a"}]}),
    ],
)
def test_override(text, expected):
    tree = {"train": {"seed": 1}, "sources": [{"path": "a"}]}
    assert overridden(tree, text, environ={"S": "9"}) == expected


def test_the_last_one_wins():
    assert overridden({}, "a.b=1", "a.b=2") == {"a": {"b": 2}}


def test_the_key_path_is_returned():
    assert override({"sources": [{}]}, "sources.0.path=x", {}) == ("sources", 0, "path")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("train.seed", "--set train.seed: expected KEY.PATH=VALUE"),
        ("=1", "--set =1: expected KEY.PATH=VALUE"),
        ("a..b=1", "expected KEY.PATH=VALUE"),
        ("sources.1.path=x", 'sources: expected an index from 0 to 0, got "1"'),
        ("sources.path=x", 'sources: expected an index from 0 to 0, got "path"'),
        ("sources.-1=x", 'got "-1"'),
        ("empty.0=x", "expected no index, as the list is empty"),
        ("labels.x.y=1", 'labels is "A"; it has no key "x"'),
        ("a=[1", "--set a=[1: not valid YAML"),
        ("a=${GONE}", '"GONE" is not set'),
    ],
)
def test_refused_by_name(text, message):
    with pytest.raises(ConfigError) as caught:
        overridden({"sources": [{"path": "a"}], "labels": "A", "empty": []}, text)
    assert message in str(caught.value)
    assert str(caught.value).startswith(f"--set {text}: ")
