"""Draws a learning curve as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

from nerture.simulation.run import Point

WIDTH, HEIGHT = 720, 420
LEFT, RIGHT, TOP, BOTTOM = 56, 20, 44, 48
SERIES = (("f1", "F1", "#0b6e99", ""), ("precision", "precision", "#b45309", "6 4"),
          ("recall", "recall", "#4d7c0f", "2 3"))  # fmt: skip
TICKS = 5


def plot(curve: Sequence[Point], title: str) -> str:
    """Return an SVG chart of F1, precision and recall over the annotator's seconds."""
    last = max((point.seconds for point in curve), default=0.0) or 1.0
    step = _round_step(last / TICKS)

    def to_x(seconds: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * seconds / last

    def to_y(share: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" '
        f'height="{HEIGHT}" role="img" font-family="sans-serif" font-size="12">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        f'<text x="{LEFT}" y="20" font-size="14" fill="#1f2937">{escape(title)}</text>',
    ]
    for tick in range(0, 101, 20):
        y = to_y(tick / 100)
        parts.append(
            f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#e5e7eb"/>'
            f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end" fill="#4b5563">{tick}</text>'
        )
    for number in range(int(last / step + 1e-9) + 1):
        x = to_x(number * step)
        parts.append(
            f'<path d="M{x:.1f} {HEIGHT - BOTTOM}v5" stroke="#4b5563"/>'
            f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle" fill="#4b5563">'
            f"{number * step:g}</text>"
        )
    parts.append(
        f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 8}" text-anchor="middle" fill="#1f2937">'
        "seconds of the annotator</text>"
    )
    for place, (name, caption, colour, dashes) in enumerate(SERIES):
        points = " ".join(f"{to_x(p.seconds):.1f},{to_y(getattr(p, name)):.1f}" for p in curve)
        x = WIDTH - RIGHT - 250 + 90 * place
        dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
        width = 2.5 if name == "f1" else 1.5
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="{width}"{dashed}/>'
            f'<path d="M{x} 34h24" stroke="{colour}" stroke-width="{width}"{dashed}/>'
            f'<text x="{x + 30}" y="38" fill="#1f2937">{caption}</text>'
        )
    return "\n".join([*parts, "</svg>"]) + "\n"


def _round_step(minimum: float) -> float:
    """Return the smallest 1, 2 or 5 times a power of ten that is at least ``minimum``."""
    power = 1.0
    while power * 10 < minimum:
        power *= 10
    while power > minimum:
        power /= 10
    return next(step * power for step in (1, 2, 5, 10) if step * power >= minimum)
