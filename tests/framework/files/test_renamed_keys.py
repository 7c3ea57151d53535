"""Model folders from before some keys were renamed are read as those of today."""

from nerture.files.renamed_keys import rename_config, rename_meta

OLD = {
    "labels": ["PEST"],
    "train": {"seed": 0, "rare_dropout": 0.25},
    "matchers": [
        {"use": "patterns", "path": "a.jsonl", "as": ["feature", "constraint"]},
        {"use": "patterns", "path": "b.jsonl", "as": "forbid", "overlap": "all"},
        {"use": "patterns", "path": "c.jsonl"},
    ],
    "sources": [
        {"use": "weak", "path": "raw.txt", "records": "r.jsonl", "prior": 5, "misses": True},
        {"use": "mine", "records": "an option of another plugin"},
    ],
}


def test_old_keys_and_roles_have_their_present_names():
    new = rename_config(OLD)
    assert new["train"] == {"seed": 0, "unk_dropout": 0.25}
    assert [matcher.get("as") for matcher in new["matchers"]] == [["feature", "require"], "forbid", None]
    assert new["sources"][0] == {
        "use": "weak", "path": "raw.txt", "pattern_stats": "r.jsonl", "prior_strength": 5,
        "include_unmatched": True,
    }  # fmt: skip
    assert new["sources"][1] == OLD["sources"][1]
    assert rename_meta({"again_steps": 40, "labels": ["PEST"]}) == {"refit_steps": 40, "labels": ["PEST"]}


def test_present_keys_stay_as_they_are():
    new = rename_config(OLD)
    assert rename_config(new) == new


def test_what_is_damaged_is_left_to_the_reader():
    damaged = {"train": 3, "matchers": "none", "sources": ["x"]}
    assert rename_config(damaged) == damaged
