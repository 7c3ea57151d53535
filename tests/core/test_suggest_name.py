from nerture.core.suggest_name import nearest


def test_nearest():
    assert nearest("drgu", ["DRUG", "FOOD"]) == "DRUG"
    assert nearest("xyz", ["DRUG", "FOOD"]) is None
    assert nearest("x", []) is None
