"""A real session's log teaches the same from the store as from its file."""

from __future__ import annotations

from nerture.hosting.manager import make_manager
from nerture.hosting.services import HostServices, PathResolver
from nerture.interfaces import Problem
from nerture.store.rows import import_rows
from nerture.store.store import Store


def statement_of(item):
    """What a target or note says, but for the place where it stood."""
    if isinstance(item, Problem):
        return item.origin.line, item.code, item.severity
    spans = [[str(span) for span in spans] for spans in (item.spans, item.rejected)]
    return item.origin.line, item.doc.text, *spans, item.complete, str(item.not_together)


def test_the_targets_are_the_same_from_both(place, real_data, tmp_path):
    (file,) = (real_data / "reddit_product").glob("*.jsonl")
    registry = make_manager().registry
    services = HostServices(registry, ("PRODUCT",), PathResolver(tmp_path), store=place)
    with Store.open(place) as store:
        store.add_dataset("reddit")
        store.add("reddit", import_rows([record.fields for record in services.read(str(file))]))
    targets = [
        list(map(statement_of, registry.create("source", "answers", options, services).targets()))
        for options in ({"path": str(file)}, {"dataset": "reddit"})
    ]
    assert len(targets[0]) > 1000
    assert targets[0] == targets[1]
