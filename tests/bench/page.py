"""The results as one HTML page without anything from elsewhere."""

import dataclasses
import html
import pathlib
import statistics

from measure import Result

STYLE = """body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1f23;background:#fff}
table{border-collapse:collapse;width:100%}td,th{padding:.3rem .6rem;text-align:right;border-bottom:1px solid #d0d7de}
td:first-child,th:first-child{text-align:left}rect{fill:#2f6f9f}.kwit rect{fill:#b3541e}text{font:13px system-ui;fill:currentColor}
.grid{stroke:#d0d7de}.goal{stroke:#b3541e;stroke-dasharray:5 4}
@media(prefers-color-scheme:dark){body{color:#e6edf3;background:#0d1117}td,th{border-color:#30363d}.grid{stroke:#30363d}}"""


def bars(result: Result) -> str:
    """One bar for each contender, as long as its median ratio; the line shows the smallest and the largest."""
    ratios = {c.label: result.ratios(c.label) for c in result.race.contenders}
    longest = max(max(each) for each in ratios.values())
    scale = 420 / longest
    lines = []
    for number, (label, each) in enumerate(ratios.items()):
        y = 26 * number
        middle = statistics.median(each)
        lines.append(
            f'<g class="{"kwit" if label == "kwit" else "other"}"><text x="210" y="{y + 16}" text-anchor="end">{html.escape(label)}</text>'
            f'<rect x="220" y="{y + 3}" width="{middle * scale:.1f}" height="18"/>'
            f'<line x1="{220 + min(each) * scale:.1f}" x2="{220 + max(each) * scale:.1f}" y1="{y + 12}" y2="{y + 12}" stroke="currentColor"/>'
            f'<text x="{226 + max(each) * scale:.1f}" y="{y + 16}">{middle:.2f}</text></g>')
    return f'<svg viewBox="0 0 720 {26 * len(ratios)}" width="100%" role="img">{"".join(lines)}</svg>'


def table(result: Result) -> str:
    rows = []
    for contender in result.race.contenders:
        seconds = result.seconds[contender.label]
        rows.append(f"<tr><td>{html.escape(contender.label)}</td>" + "".join(
            f"<td>{value:.3f}</td>" for value in (min(seconds), statistics.median(seconds), max(seconds), result.processor_per_mail(contender.label))) + "</tr>")
    return ("<table><tr><th></th><th>min (s)</th><th>median (s)</th><th>max (s)</th><th>processor (ms a mail)</th></tr>"
            f"{''.join(rows)}</table>")


@dataclasses.dataclass(frozen=True)
class Plot:
    """Figures along something that grows; places are at equal distances."""

    title: str
    about: str
    places: list[str]
    lines: dict[str, list[float]]  # label -> a figure for each place
    goal: float | None = None


COLOURS = ["#b3541e", "#2f6f9f", "#4d8c57", "#8a63a8"]


def curves(plot: Plot) -> str:
    width, height, left, bottom = 640, 240, 50, 30
    top = 1.1 * max([figure for line in plot.lines.values() for figure in line] + [plot.goal or 0])
    step = (width - left - 20) / max(1, len(plot.places) - 1)

    def x(number):
        return left + step * number

    def y(figure):
        return height - bottom - figure / top * (height - bottom - 10)
    marks = [f'<text x="{x(n):.0f}" y="{height - 8}" text-anchor="middle">{html.escape(place)}</text>' for n, place in enumerate(plot.places)]
    for part in range(5):
        figure = top * part / 4
        marks.append(f'<text x="{left - 6}" y="{y(figure) + 4:.0f}" text-anchor="end">{figure:.3g}</text>'
                     f'<line class="grid" x1="{left}" x2="{width - 20}" y1="{y(figure):.1f}" y2="{y(figure):.1f}"/>')
    if plot.goal is not None:
        marks.append(f'<line class="goal" x1="{left}" x2="{width - 20}" y1="{y(plot.goal):.1f}" y2="{y(plot.goal):.1f}"/>')
    for number, (label, figures) in enumerate(plot.lines.items()):
        colour = COLOURS[number % len(COLOURS)]
        points = " ".join(f"{x(n):.1f},{y(figure):.1f}" for n, figure in enumerate(figures))
        dots = "".join(f'<circle cx="{x(n):.1f}" cy="{y(figure):.1f}" r="3" fill="{colour}"><title>{figure:.3g}</title></circle>'
                       for n, figure in enumerate(figures))
        marks.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>{dots}'
                     f'<text x="{left + 10}" y="{height - bottom - 8 - 16 * number}" style="fill:{colour}">{html.escape(label)}</text>')
    return f'<svg viewBox="0 0 {width} {height}" width="100%" role="img">{"".join(marks)}</svg>'


def write_page(path: pathlib.Path, results: dict[str, Result], plots: list[Plot], goals: list[tuple[bool, str]], machine: str):
    parts = [f"<p>{html.escape(machine)}</p><ul>"]
    parts += [f"<li>{'met' if met else '<b>not met</b>'}: {html.escape(words)}</li>" for met, words in goals]
    parts.append("</ul>")
    for result in results.values():
        race = result.race
        parts.append(f"<h2>{html.escape(race.label)}</h2><p>{race.mails} mails over {race.connections} connections; wall time as a "
                     f"ratio to “{html.escape(race.contenders[0].label)}”, round by round.</p>{bars(result)}{table(result)}")
    for plot in plots:
        parts.append(f"<h2>{html.escape(plot.title)}</h2><p>{html.escape(plot.about)}</p>{curves(plot)}")
    path.write_text(f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
                    f"<title>kwit: benchmarks</title><style>{STYLE}</style><h1>kwit: benchmarks</h1>{''.join(parts)}</html>\n")
