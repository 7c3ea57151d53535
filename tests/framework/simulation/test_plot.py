"""The drawing of a learning curve."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from nerture.simulation.plot import plot
from nerture.simulation.run import Point


def test_a_plot_names_what_it_shows_and_takes_no_markup():
    curve = [Point(0, 0.0, 0.1, 0.2, 0.05, 0.0), Point(90, 1234.0, 0.7, 0.8, 0.6, 0.5)]
    root = ET.fromstring(plot(curve, "<b>&"))
    words = ["".join(node.itertext()) for node in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "<b>&" in words
    assert {"F1", "precision", "recall", "seconds of the annotator", "500", "1000", "100"} <= set(words)
    lines = root.findall("{http://www.w3.org/2000/svg}polyline")
    assert len(lines) == 3
    heights = [float(point.split(",")[1]) for point in lines[0].get("points").split()]
    assert heights[0] > heights[1]  # F1 rises, and y runs downwards
    assert plot([], "nothing")
