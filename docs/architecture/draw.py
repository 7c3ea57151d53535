"""Draws the pictures of this folder: each ``NAME.txt`` describes one, and ``NAME.svg`` is what it becomes.

    python docs/architecture/draw.py           # write every SVG again
    python docs/architecture/draw.py --check   # fail if one is not what its description gives

A description has a title, rows of boxes, and arrows between the boxes::

    title What the picture shows
    row | Caption of a frame around the row (optional)
      box name x2 | Heading of a box that is twice as wide as others
        a line of text, wrapped where it has to be; `code` in backticks
      box other | Heading
    arrows
      name -> other | label (optional)
      name @0.2 ..> other @0.7         dashed; from and to these shares of the boxes' widths
      other -> name via left           through the margin
"""

from __future__ import annotations

import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import pairwise
from pathlib import Path

WIDTH = 900
MARGIN, LANE = 18, 30  # around everything; for each arrow that runs along the rows
GAP, NEAR, PAD = 26, 14, 10  # between boxes with an arrow between them, and without; within a box
HEADING, TEXT, SMALL = 14, 13, 12  # sizes of letters
LINE = 17.5  # height of one
CAPTION = 20
ARROW = re.compile(
    r"(?P<a>\w+)(?: @(?P<at>[\d.]+))? (?P<kind>->|\.\.>) (?P<b>\w+)(?: @(?P<to>[\d.]+))?"
    r"(?: via (?P<via>left|right))?$"
)
STYLE = """
  svg { font-family: system-ui, "Segoe UI", Roboto, Helvetica, Arial, sans-serif; }
  .page { fill: #ffffff; } .frame { fill: #f1f4f8; } .box { fill: #ffffff; stroke: #5b7083; }
  text { fill: #1c2733; } .heading { font-weight: 600; } .caption, .label { fill: #44576a; }
  .code { font-family: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
  .arrow { fill: none; stroke: #2f6690; stroke-width: 1.6; } .tip { fill: #2f6690; }
  .under { fill: #ffffff; }
  @media (prefers-color-scheme: dark) {
    .page, .under { fill: #16191d; } .frame { fill: #20262d; } .box { fill: #16191d; stroke: #8399ad; }
    text { fill: #e4e9ee; } .caption, .label { fill: #afbdca; }
    .arrow { stroke: #7db4dc; } .tip { fill: #7db4dc; }
  }
"""
TIP = (
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="9" markerHeight="9" '
    'markerUnits="userSpaceOnUse" orient="auto">'
    '<path class="tip" d="M 0 0.5 L 8 4 L 0 7.5 z"/></marker></defs>'
)


@dataclass
class Box:
    """A box: what it says, and where it lies once it has been laid out."""

    name: str
    weight: float
    heading: str
    text: list[str] = field(default_factory=list)
    row: int = 0
    framed: bool = False
    x: float = 0
    y: float = 0
    width: float = 0
    height: float = 0
    lines: list[str] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)

    def across(self, share: float) -> float:
        """Return the x coordinate at a share of the width."""
        return self.x + share * self.width


@dataclass
class Arrow:
    """An arrow from box ``a`` to box ``b``; ``at`` and ``to`` are shares of their widths."""

    a: Box
    b: Box
    dashed: bool
    label: str
    at: float | None
    to: float | None
    via: str | None
    track: int = 0  # of those that turn between the same rows, which one
    tracks: int = 1

    @property
    def ends(self) -> tuple[float, float]:
        """Where it leaves and where it arrives, as x; straight down if nothing says otherwise."""
        a, b = self.a, self.b
        low, high = max(a.x, b.x) + 8, min(a.x + a.width, b.x + b.width) - 8
        given = [box.across(share) for box, share in ((a, self.at), (b, self.to)) if share is not None]
        if len(given) == 2:
            return given[0], given[1]
        x = given[0] if given else (low + high) / 2
        if low <= x <= high:
            return x, x
        return x if self.at else a.across(0.5), x if self.to else b.across(0.5)

    @property
    def gap(self) -> int | None:
        """The row below which it turns; None: it does not."""
        one, two = sorted((self.a.row, self.b.row))
        return one if two == one + 1 and not self.via and abs(self.ends[0] - self.ends[1]) >= 1 else None


@dataclass
class Picture:
    """A description that has been read."""

    title: str = ""
    captions: list[str] = field(default_factory=list)
    rows: list[list[Box]] = field(default_factory=list)
    arrows: list[Arrow] = field(default_factory=list)


def read(description: str) -> Picture:
    """Read a description; raises ``ValueError`` that names the line that makes no sense."""
    picture, boxes, in_arrows = Picture(), dict[str, Box](), False
    for number, raw in enumerate(description.splitlines(), 1):
        line, _, rest = (part.strip() for part in raw.partition(" | "))
        first = line.split()
        if not first or line.startswith("#"):
            continue
        if first[0] == "title" and not raw.startswith(" "):
            picture.title = raw.strip().removeprefix("title ")
        elif first[0] == "row" and not raw.startswith(" "):
            picture.rows.append([])
            picture.captions.append(rest)
        elif first == ["arrows"]:
            in_arrows = True
        elif in_arrows:
            found = ARROW.match(line)
            if found is None or found["a"] not in boxes or found["b"] not in boxes:
                raise ValueError(f"line {number}: not an arrow between two boxes: {raw.strip()}")
            at, to = (float(share) if share else None for share in (found["at"], found["to"]))
            a, b, dashed = boxes[found["a"]], boxes[found["b"]], found["kind"] == "..>"
            picture.arrows.append(Arrow(a, b, dashed, rest, at, to, found["via"]))
        elif first[0] == "box" and raw.startswith("  box "):
            weight = float(first[2].removeprefix("x")) if len(first) > 2 else 1.0
            box = Box(first[1], weight, rest, row=len(picture.rows) - 1, framed=bool(picture.captions[-1]))
            picture.rows[-1].append(box)
            boxes[box.name] = box
        elif raw.startswith("    ") and picture.rows and picture.rows[-1]:
            picture.rows[-1][-1].text.append(raw.strip())
        else:
            raise ValueError(f"line {number}: neither a title, a row, a box, its text nor an arrow: {raw}")
    return picture


def measured(text: str, size: float) -> float:
    """Return how wide a line is at most, in any of the usual fonts."""
    total = 0.0
    for index, part in enumerate(text.split("`")):
        if index % 2:
            total += 0.6 * len(part)
        else:
            for letter in part:
                narrow = letter in "ijlI.,:;'|!()[]/ ft-r"
                total += 0.35 if narrow else 0.92 if letter in "mwMW" else 0.7 if letter.isupper() else 0.61
    return total * size


def wrapped(text: str, width: float, size: float) -> list[str]:
    """Break a text into lines; a path that is too long for one is broken after a slash."""
    lines, line = [], ""
    for found in re.findall(r"`[^`]+`\S*|\S+", text):
        word = found
        if measured(word, size) > width and "/" in word:
            folder, name = word.rsplit("/", 1)
            lines += [line, f"{folder}/`"] if line else [f"{folder}/`"]
            line, word = "", f"`{name}"
        longer = f"{line} {word}".strip()
        if line and measured(longer, size) > width:
            lines.append(line)
            longer = word
        line = longer
    return [*lines, line]


def lay_out(picture: Picture) -> float:
    """Give every box its place; return the height of the picture."""
    lanes = {side: [arrow for arrow in picture.arrows if arrow.via == side] for side in ("left", "right")}
    left, right = (MARGIN + LANE * len(lanes[side]) for side in ("left", "right"))
    y = float(MARGIN)
    for number, row in enumerate(picture.rows):
        framed = bool(picture.captions[number])
        inner = PAD if framed else 0
        gaps = [_gap_between(picture, one, two) for one, two in pairwise(row)]
        room = WIDTH - left - right - 2 * inner - sum(gaps)
        x, total = float(left + inner), sum(box.weight for box in row)
        y += CAPTION + PAD / 2 if framed else 0
        for box, gap in zip(row, [*gaps, 0.0], strict=True):
            box.x, box.y, box.width = x, y, room * box.weight / total
            box.headings = wrapped(box.heading, box.width - 2 * PAD, HEADING * 1.06)
            box.lines = [line for text in box.text for line in wrapped(text, box.width - 2 * PAD, TEXT)]
            x += box.width + gap
        tallest = max(len(box.headings) + len(box.lines) for box in row) * LINE + 2 * PAD
        for box in row:
            box.height = tallest
        y += tallest + inner
        if number + 1 < len(picture.rows):
            y += _gap_below(picture, number)
    return y + MARGIN


def set_tracks(picture: Picture) -> None:
    """Let arrows that turn between the same rows do so at different heights where they would meet."""
    by_gap: defaultdict[int, list[Arrow]] = defaultdict(list)
    for arrow in picture.arrows:
        if arrow.gap is not None:
            by_gap[arrow.gap].append(arrow)
    for arrows in by_gap.values():
        for place, arrow in enumerate(arrows):
            low, high = sorted(arrow.ends)
            taken = {
                other.track
                for other in arrows[:place]
                if low - 12 < max(other.ends) and min(other.ends) - 12 < high
            }
            arrow.track = next(track for track in range(len(arrows)) if track not in taken)
        for arrow in arrows:
            arrow.tracks = 1 + max(other.track for other in arrows)


def _gap_between(picture: Picture, one: Box, two: Box) -> float:
    labels = [arrow.label for arrow in picture.arrows if {arrow.a.name, arrow.b.name} == {one.name, two.name}]
    parts = [part for label in labels for part in re.findall(r"`[^`]+`\S*|\S+", label)]
    return max([GAP if labels else NEAR, *(measured(part, SMALL) + 14 for part in parts)])


def _gap_below(picture: Picture, number: int) -> float:
    rows = {number, number + 1}
    here = [arrow for arrow in picture.arrows if {arrow.a.row, arrow.b.row} == rows and not arrow.via]
    lines = max((len(wrapped(arrow.label, 210, SMALL)) for arrow in here if arrow.label), default=0)
    tracks = max((arrow.tracks for arrow in here), default=1)
    return 18 + 14 * tracks + 13 * lines


def spans(line: str) -> str:
    """Return a line as SVG, its code in a font of its own."""
    code = '<tspan class="code" font-size="0.94em">', "</tspan>"
    parts = line.split("`")
    return "".join(
        code[0] + escape(part) + code[1] if index % 2 else escape(part) for index, part in enumerate(parts)
    )


def words(x: float, y: float, line: str, kind: str, more: str = "") -> str:
    """Return a line of text at a place; ``kind`` is its class."""
    size = {"heading": HEADING, "label": SMALL}.get(kind, TEXT)
    place = f'x="{x:.1f}" y="{y:.1f}" font-size="{size}" class="{kind}"'
    return f'<text {place} xml:space="preserve"{more}>{spans(line)}</text>'


def labelled(lines: Sequence[str], x: float, y: float, anchor: str) -> Iterator[str]:
    """Yield the lines of a label around the height ``y``, on the colour of the page."""
    top = y - 15 * len(lines) / 2
    wide = max(measured(line, SMALL) for line in lines)
    begin = x - wide / 2 if anchor == "middle" else x
    yield (
        f'<rect class="under" x="{begin - 2:.1f}" y="{top:.1f}" width="{wide + 4:.1f}" '
        f'height="{15 * len(lines)}" opacity="0.85"/>'
    )
    for index, line in enumerate(lines):
        yield words(x, top + 11.5 + 15 * index, line, "label", f' text-anchor="{anchor}"')


def path(points: Sequence[tuple[float, float]], dashed: bool) -> str:
    """Return a line through points with a tip at its end."""
    drawn = " L ".join(f"{x:.1f} {y:.1f}" for x, y in points)
    dash = ' stroke-dasharray="5 4"' if dashed else ""
    return f'<path class="arrow" d="M {drawn}"{dash} marker-end="url(#tip)"/>'


def route(arrow: Arrow, lane: int) -> list[tuple[float, float]]:
    """Return the points of an arrow: within a row, to another row, or through a margin."""
    a, b = arrow.a, arrow.b
    if arrow.via:
        left = arrow.via == "left"
        x = MARGIN + 8 + LANE * lane if left else WIDTH - MARGIN - 8 - LANE * lane
        begin, end = (box.x if left else box.x + box.width for box in (a, b))
        y1, y2 = a.y + a.height * (arrow.at or 0.5), b.y + b.height * (arrow.to or 0.5)
        return [(begin, y1), (x, y1), (x, y2), (end, y2)]
    if a.row == b.row:
        y = a.y + a.height * (arrow.at or 0.5)
        return [(a.x + a.width, y), (b.x, y)] if a.x < b.x else [(a.x, y), (b.x + b.width, y)]
    (x1, x2), down = arrow.ends, a.row < b.row
    y1, y2 = (a.y + a.height, b.y) if down else (a.y, b.y + b.height)
    if abs(x1 - x2) < 1:
        return [(x1, y1), (x2, y2)]
    top, bottom = min(y1, y2), max(y1, y2) - (CAPTION + PAD / 2 if arrow.a.framed else 0)
    middle = top + (bottom - top) * (arrow.track + 1) / (arrow.tracks + 1)
    return [(x1, y1), (x1, middle), (x2, middle), (x2, y2)]


def label_of(arrow: Arrow, points: Sequence[tuple[float, float]]) -> Iterator[str]:
    """Yield an arrow's label, next to its middle."""
    (x1, y1), (x2, y2) = points[0], points[-1]
    if arrow.via:
        x, y = points[1][0] + (5 if arrow.via == "left" else -5), (y1 + y2) / 2
        turned = f' text-anchor="middle" transform="rotate(-90 {x:.1f} {y:.1f})"'
        yield words(x, y, arrow.label, "label", turned)
    elif y1 == y2:
        lines = wrapped(arrow.label, abs(x2 - x1) - 8, SMALL)
        yield from labelled(lines, (x1 + x2) / 2, y1 - 8 - 15 * len(lines) / 2, "middle")
    else:
        lines = wrapped(arrow.label, 210, SMALL)
        wide = max(measured(line, SMALL) for line in lines)
        x = max(x1, x2) + 8
        x = x if x + wide < WIDTH - 4 else min(x1, x2) - 8 - wide
        y = points[1][1] if len(points) > 2 else (y1 + y2) / 2
        yield from labelled(lines, x, y, "start")


def caption_of(row: Sequence[Box], caption: str, lines: Sequence[Sequence[tuple[float, float]]]) -> str:
    """Return a row's caption, at that end of the frame where no arrow crosses it."""
    y = row[0].y - PAD / 2 - 4
    left, right = row[0].x, row[-1].x + row[-1].width
    wide = measured(caption, TEXT)
    ends = (points[end] for points in lines for end in (0, -1) if points[0][1] != points[-1][1])
    crossing = [x for x, end in ends if abs(end - row[0].y) < 1]
    if any(left - 6 < x < left + wide for x in crossing):
        return words(right, y, caption, "caption", ' text-anchor="end"')
    return words(left, y, caption, "caption")


def draw(description: str) -> str:
    """Return the SVG of a description."""
    picture = read(description)
    lay_out(picture)
    set_tracks(picture)
    height = lay_out(picture)  # once more: with parallel arrows the gaps are wider
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" '
        f'height="{height:.0f}" role="img">',
        f"<title>{escape(picture.title)}</title>",
        f"<style>{STYLE}</style>{TIP}",
        f'<rect class="page" width="{WIDTH}" height="{height:.0f}" rx="8"/>',
    ]
    lanes: Counter[str | None] = Counter()
    lines = []
    for arrow in picture.arrows:
        lines.append(route(arrow, lanes[arrow.via]))
        lanes[arrow.via] += 1
    for caption, row in zip(picture.captions, picture.rows, strict=True):
        if caption:
            x, y = row[0].x - PAD, row[0].y - CAPTION - PAD / 2
            wide = row[-1].x + row[-1].width - row[0].x + 2 * PAD
            high = row[0].height + CAPTION + PAD * 1.5
            parts.append(
                f'<rect class="frame" x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{high:.1f}" rx="7"/>'
            )
            parts.append(caption_of(row, caption, lines))
        for box in row:
            parts.append(
                f'<rect class="box" x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width:.1f}" '
                f'height="{box.height:.1f}" rx="5"/>'
            )
            for index, line in enumerate([*box.headings, *box.lines]):
                kind = "heading" if index < len(box.headings) else "line"
                parts.append(words(box.x + PAD, box.y + PAD + 12.5 + index * LINE, line, kind))
    for arrow, points in zip(picture.arrows, lines, strict=True):
        parts.append(path(points, arrow.dashed))
        if arrow.label:
            parts += label_of(arrow, points)
    return "\n".join([*parts, "</svg>", ""])


def main(arguments: Sequence[str]) -> int:
    """Write the pictures, or compare them with what is there."""
    stale = []
    for source in sorted(Path(__file__).parent.glob("*.txt")):
        try:
            svg = draw(source.read_text(encoding="utf-8"))
        except ValueError as error:
            print(f"{source}: {error}", file=sys.stderr)
            return 1
        place = source.with_suffix(".svg")
        if arguments != ["--check"]:
            place.write_text(svg, encoding="utf-8")
        elif not place.exists() or place.read_text(encoding="utf-8") != svg:
            stale.append(place)
    for place in stale:
        print(f"{place}: not what its description gives; run {Path(__file__).name} again", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
