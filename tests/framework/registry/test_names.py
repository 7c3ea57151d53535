from nerture.registry.names import nearest, unknown


def test_nearest_ignores_case():
    assert nearest("ORCALE", ["beam", "oracle"]) == "oracle"


def test_nearest_is_none_when_nothing_is_near():
    assert nearest("zzz", ["beam", "oracle"]) is None


def test_unknown_lists_all():
    assert unknown('loss "orcale"', ["oracle", "beam"], "orcale") == (
        'unknown loss "orcale"; did you mean "oracle"? allowed: beam, oracle'
    )
    assert unknown('loss "zzz"', [], "zzz") == 'unknown loss "zzz"; allowed: none'


def test_a_former_name_is_answered_by_the_present_one():
    assert 'did you mean "update_every"?' in unknown("key", ["update_every", "learner"], "learn_every")
    assert 'did you mean "require"?' in unknown('role "constraint"', ["feature", "require"], "constraint")


def test_a_former_name_means_nothing_where_the_present_one_is_no_key():
    assert "did you mean" not in unknown("key", ["path", "format"], "records")
