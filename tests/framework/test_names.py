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
