"""Draw docs/packages.svg, the packages and what they import: `python -m tests.packages`, or `make picture`.

The rows are the layers of the contract "The house" in pyproject.toml. The arrows are the imports of the code as grimp,
the library below import-linter, reads them. One that others imply is left out; one that ran up would be red.
"""

import tomllib
from html import escape
from itertools import product
from pathlib import Path

import grimp

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "docs" / "packages.svg"
WIDTH, BOX, STEP = 880, 56, 92  # of the picture, the height of a box, from row to row


def rows() -> list[list[tuple[str, ...]]]:
    """The layers from the top: each a list of boxes, each box the packages that may know each other."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    [house] = [contract for contract in settings["contracts"] if contract["name"] == "The house"]
    return [[tuple(part.strip() for part in box.split(":")) for box in layer.split("|")] for layer in house["layers"]]


def imports(boxes: list[tuple[str, ...]]) -> dict[tuple[str, ...], set[tuple[str, ...]]]:
    """Which boxes each box imports from, types too."""
    roots = sorted({package.split(".")[0] for box in boxes for package in box})
    graph = grimp.build_graph(*roots, cache_dir=None)
    home = {
        module: box
        for module, box in product(graph.modules, boxes)
        if any(module == package or module.startswith(f"{package}.") for package in box)
    }
    arrows: dict[tuple[str, ...], set[tuple[str, ...]]] = {box: set() for box in boxes}
    for module, box in home.items():
        arrows[box] |= {home[other] for other in graph.find_modules_directly_imported_by(module) if other in home}
        arrows[box].discard(box)
    return arrows


def _named(box: tuple[str, ...]) -> str:
    return " · ".join(package.removeprefix("pingtang_union.") for package in box)


def draw() -> str:
    """The picture as SVG."""
    layers = rows()
    boxes = [box for layer in layers for box in layer]
    arrows = imports(boxes)
    place = {  # left, top, width
        box: (10 + column * 800 / len(layer), 10 + row * STEP, 800 / len(layer) - 20)
        for row, layer in enumerate(layers)
        for column, box in enumerate(layer)
    }
    beyond: dict[tuple[str, ...], set[tuple[str, ...]]] = {}  # what a box reaches by way of another
    for box in reversed(boxes):
        beyond[box] = {far for other in arrows[box] for far in arrows[other] | beyond.get(other, set())}
    lines, texts = [], []
    for box, (left, top, width) in place.items():
        middle = left + width / 2
        known = ", ".join(_named(other[:1]) for other in boxes if other in arrows[box]) or "none"
        texts.append(f'<rect x="{left:.0f}" y="{top:.0f}" width="{width:.0f}" height="{BOX}" rx="6"/>')
        texts.append(f'<text class="name" x="{middle:.0f}" y="{top + 23:.0f}">{escape(_named(box))}</text>')
        texts.append(f'<text x="{middle:.0f}" y="{top + 42:.0f}">→ {escape(known)}</text>')
        for other in (other for other in boxes if other in arrows[box] - beyond[box]):
            x, y, breadth = place[other]
            kind = "up" if y < top else "down"
            if y == top + STEP:  # the next row: between the middles
                path = f"M{middle:.0f} {top + BOX:.0f}L{x + breadth / 2:.0f} {y - 4:.0f}"
            else:  # past the rows between, at their right
                start, end, bend = left + width, x + breadth + 4, 790 + (y - top) / STEP * 30
                path = f"M{start:.0f} {top + BOX / 2:.0f}C{bend:.0f} {top + BOX:.0f} {bend:.0f} {y:.0f} "
                path += f"{end:.0f} {y + BOX / 2:.0f}"
            lines.append(f'<path class="{kind}" d="{path}"/>')
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {len(layers) * STEP}"'
            f' font-family="sans-serif">',
            "<title>The packages: a package imports from the rows below its own</title>",
            "<style>svg{background:#fff}rect{fill:#f4f6fa;stroke:#54617a}text{font-size:11px;text-anchor:middle;"
            "fill:#54617a}.name{font-size:16px;font-weight:bold;fill:#16203a}path{fill:none;stroke:#54617a;"
            "stroke-width:1.5;marker-end:url(#tip)}.up{stroke:#c00;stroke-width:4}</style>",
            '<marker id="tip" viewBox="0 0 8 8" refX="6" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
            '<path d="M0 0L8 4L0 8z" style="fill:#54617a;stroke:none;marker-end:none"/></marker>',
            *lines,
            *texts,
            "</svg>\n",
        ]
    )


if __name__ == "__main__":
    PICTURE.write_text(draw())
