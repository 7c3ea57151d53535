"""The pattern lists that come with nerture: well formed, nothing twice, nothing that cannot match."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

import pytest

from nerture.core.text.doc import Doc
from nerture.patterns import PatternSet, lint_patterns, load_patterns

from ..support.repository import ROOT

FOLDER = ROOT / "patterns" / "lists"
NAMES = sorted(path.stem for path in FOLDER.glob("*.jsonl"))
DOCUMENT = ROOT / "docs" / "starter-lists.md"


def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (FOLDER / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


def documented() -> dict[str, tuple[str, int]]:
    table = re.findall(
        r"^\| `(\w+)` \| `([A-Z_]+)` \| (\d+) \|", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE
    )
    return {name: (label, int(count)) for name, label, count in table}


def twice(values: list[str]) -> list[str]:
    return [value for value, count in Counter(values).items() if count > 1]


def test_the_document_lists_every_file_with_its_label_and_count() -> None:
    found = {name: (rows(name)[0]["label"], len(rows(name))) for name in NAMES}
    assert len(found) >= 20
    assert documented() == found


@pytest.mark.parametrize("name", NAMES)
def test_rows_have_a_label_a_pattern_and_an_id(name: str) -> None:
    for row in rows(name):
        assert set(row) == {"label", "pattern", "id"}
        assert isinstance(row["pattern"], str | list)
        assert row["pattern"]
        assert re.fullmatch(r"[a-z0-9-]+(:[a-z0-9-]+)?", row["id"]), row["id"]


@pytest.mark.parametrize("name", NAMES)
def test_a_file_has_one_label(name: str) -> None:
    labels = {row["label"] for row in rows(name)}
    assert len(labels) == 1
    assert labels.pop().replace("_", "").isupper()


@pytest.mark.parametrize("name", NAMES)
def test_files_have_no_duplicates(name: str) -> None:
    assert twice([row["id"] for row in rows(name)]) == []
    assert twice([json.dumps(row["pattern"], sort_keys=True) for row in rows(name)]) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_variant_belongs_to_an_entry_of_its_file(name: str) -> None:
    ids = {row["id"] for row in rows(name)}
    assert {id for id in ids if id.split(":")[0] not in ids} == set()


@pytest.mark.parametrize("name", NAMES)
def test_the_pattern_language_takes_every_row_and_each_can_match(name: str) -> None:
    patterns = load_patterns(f"starter:{name}")
    assert len(patterns) == len(rows(name))
    assert lint_patterns(patterns) == []


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("animals", "Two mice, a polar bear and the otters", ["mice", "polar bear", "otters"]),
        (
            "calendar",
            "Closed on Good Friday and New Year’s Day, open Sat.",
            ["Good Friday", "New Year’s Day", "Sat."],
        ),
        ("calendar", "We sat and may march in august company", []),
        (
            "capitals",
            "From Brasilia to Chișinău by way of Port-au-Prince",
            ["Brasilia", "Chișinău", "Port-au-Prince"],
        ),
        ("celestial_bodies", "Mercury and Halley's Comet; the mercury fell", ["Mercury", "Halley's Comet"]),
        ("cities", "a nice bath in Nice, then Xi’an and zürich", ["Nice", "Xi’an", "zürich"]),
        ("colours", "navy blue, off-white or GREY", ["navy blue", "off-white", "GREY"]),
        (
            "countries",
            "The U.S. and Guinea-Bissau told us: turkey, Turkey",
            ["U.S.", "Guinea-Bissau", "Turkey"],
        ),
        (
            "countries",
            "Cote d'Ivoire, Côte d’Ivoire, united kingdom",
            ["Cote d'Ivoire", "Côte d’Ivoire", "united kingdom"],
        ),
        ("currencies", "in EUR or Swiss francs, not €", ["EUR", "Swiss francs", "€"]),
        ("dates", "On 3 March 2021, and since the late 1980s.", ["3 March 2021", "the late 1980s"]),
        (
            "dates",
            "Due 2021-03-04, two weeks ago, next Tuesday, mid-May",
            ["2021-03-04", "two weeks ago", "next Tuesday", "mid-May"],
        ),
        (
            "dates",
            "Monday, the 4th of July and the 19th century",
            ["Monday, the 4th of July", "the 19th century"],
        ),
        (
            "diseases",
            "Parkinson’s disease, anemia and type 2 diabetes",
            ["Parkinson’s disease", "anemia", "type 2 diabetes"],
        ),
        ("elements", "Aluminum or aluminium, and caesium", ["Aluminum", "aluminium", "caesium"]),
        ("file_formats", "as pdf, XLSX or GeoJSON", ["pdf", "XLSX", "GeoJSON"]),
        ("ingredients", "olive oil, two bay leaves, tomatoes", ["olive oil", "bay leaves", "tomatoes"]),
        ("instruments", "a grand piano and two hurdy-gurdies", ["grand piano", "hurdy-gurdies"]),
        (
            "job_titles",
            "The CEO met software engineers and a midwife",
            ["CEO", "software engineers", "midwife"],
        ),
        (
            "languages",
            "Scottish Gaelic, Māori, maori and Polish; polish it",
            ["Scottish Gaelic", "Māori", "maori", "Polish"],
        ),
        ("legal_forms", "Blue Door Ltd. and Grün GmbH; a limited offer", ["Ltd.", "GmbH"]),
        (
            "money",
            "It cost $5 million, or 20 euros, or £3.50 per hour",
            ["$5 million", "20 euros", "£3.50 per hour"],
        ),
        ("nationalities", "a Frenchwoman, two Danes and a swede", ["Frenchwoman", "Danes"]),
        ("programming_languages", "C++, C# and Python; a python went by", ["C++", "C#", "Python"]),
        (
            "quantities",
            "5km, 30 °C, 20 mg/kg, 6 ft 2 in and ten per cent",
            ["5km", "30 °C", "20 mg/kg", "6 ft 2 in", "ten per cent"],
        ),
        ("religions", "Sikhs, a Quaker and Jehovah's Witnesses", ["Sikhs", "Quaker", "Jehovah's Witnesses"]),
        ("sports", "water polo and cross-country skiing", ["water polo", "cross-country skiing"]),
        (
            "times",
            "at 10:30 GMT, five o'clock or half past six, 5pm",
            ["10:30 GMT", "five o'clock", "half past six", "5pm"],
        ),
        ("uk_counties", "from Tyne and Wear to Kent", ["Tyne and Wear", "Kent"]),
        ("us_states", "CA and West Virginia, or in Ohio", ["CA", "West Virginia", "Ohio"]),
    ],
)
def test_a_list_finds_what_it_is_for(name: str, text: str, found: list[str]) -> None:
    doc = Doc(text)
    matches = PatternSet(load_patterns(f"starter:{name}")).match(doc)
    offsets = doc.offsets.tolist()
    assert [text[offsets[match.start][0] : offsets[match.end - 1][1]] for match in matches] == found


def test_every_list_has_an_example() -> None:
    mark = next(iter(test_a_list_finds_what_it_is_for.pytestmark))
    assert {name for name, _, _ in mark.args[1]} == set(NAMES)
