from nerture.registry.names import describe_unknown


def test_unknown_lists_all():
    assert describe_unknown('loss "orcale"', ["oracle", "beam"], "orcale") == (
        'unknown loss "orcale": expected one of beam, oracle; did you mean "oracle"?'
    )
    assert describe_unknown('loss "zzz"', [], "zzz") == 'unknown loss "zzz": expected none'


def test_a_former_name_suggests_the_present_one():
    assert 'did you mean "update_every"?' in describe_unknown(
        "key", ["update_every", "learner"], "learn_every"
    )
    assert 'did you mean "require"?' in describe_unknown(
        'role "constraint"', ["feature", "require"], "constraint"
    )


def test_a_former_name_suggests_only_valid_keys():
    assert "did you mean" not in describe_unknown("key", ["path", "format"], "records")
