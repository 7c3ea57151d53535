from nerture.core.suggest_name import suggest_name


def test_suggest_name():
    assert suggest_name("drgu", ["DRUG", "FOOD"]) == "DRUG"
    assert suggest_name("xyz", ["DRUG", "FOOD"]) is None
    assert suggest_name("x", []) is None
