"""The results as one HTML page without anything from elsewhere."""

import html
import pathlib
import statistics

from measure import Result

STYLE = """body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1f23;background:#fff}
table{border-collapse:collapse;width:100%}td,th{padding:.3rem .6rem;text-align:right;border-bottom:1px solid #d0d7de}
td:first-child,th:first-child{text-align:left}rect{fill:#2f6f9f}.kwit rect{fill:#b3541e}text{font:13px system-ui;fill:currentColor}
@media(prefers-color-scheme:dark){body{color:#e6edf3;background:#0d1117}td,th{border-color:#30363d}}"""


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
            f"<td>{value:.3f}</td>" for value in (min(seconds), statistics.median(seconds), max(seconds))) + "</tr>")
    return f"<table><tr><th></th><th>min (s)</th><th>median (s)</th><th>max (s)</th></tr>{''.join(rows)}</table>"


def write_page(path: pathlib.Path, results: dict[str, Result]):
    parts = []
    for result in results.values():
        race = result.race
        parts.append(f"<h2>{html.escape(race.label)}</h2><p>{race.mails} mails over {race.connections} connections; wall time as a "
                     f"ratio to “{html.escape(race.contenders[0].label)}”, round by round.</p>{bars(result)}{table(result)}")
    path.write_text(f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
                    f"<title>kwit: benchmarks</title><style>{STYLE}</style><h1>kwit: benchmarks</h1>{''.join(parts)}</html>\n")
