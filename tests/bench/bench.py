"""kwit against no milter, milters that do nothing, the least durable intake, and what people write instead."""

import argparse
import os
import pathlib
import statistics
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1] / "postfix-example"), str(HERE)]

from houses import PIPED, TAKEN, Houses  # noqa: E402
from measure import Contender, Race, Result, Track, template  # noqa: E402
from page import write_page  # noqa: E402

NONE = Contender("no milter", "none", f"taken@{TAKEN}")
ACCEPT = Contender("ACCEPT at DATA (C)", "accept", f"taken@{TAKEN}")
DISCARD = Contender("DISCARD, keeps nothing (C)", "discard", f"taken@{TAKEN}")
BARE = Contender("bare durable intake (C)", "durable", f"taken@{TAKEN}")
USUAL = Contender("pymilter script", "usual", f"taken@{TAKEN}")
PIPE = Contender("script behind pipe(8)", "none", f"taken@{PIPED}", until_idle=True)


def races(houses: Houses, quick: bool) -> list[Race]:
    kwit = Contender("kwit", "kwit", houses.address)
    ordinary = Contender("kwit", "kwit", f"taken@{TAKEN}")
    unknown = Contender("kwit", "kwit", "faktury+0000000000@in.example.com")
    table = Contender("Postfix's own table", "none", f"nobody@{TAKEN}")
    small, large = (template(houses.postfix.dir, size) for size in (150_000, 2_000_000))
    part = 3 if quick else 1
    taking = [NONE, DISCARD, BARE, kwit, USUAL, PIPE]
    return [
        Race("a PDF of 150 kB", taking, small, 300 // part),
        Race("a PDF of 2 MB", taking, large, 60 // part),
        Race("ordinary mail", [ACCEPT, ordinary, NONE], template(houses.postfix.dir, 20_000), 400 // part),
        Race("refused at RCPT", [table, unknown], small, 600 // part, expected=550),
    ]


def row(result: Result, label: str) -> str:
    seconds, ratios = result.seconds[label], result.ratios(label)
    return (f"  {label:28} {min(seconds):8.3f} {statistics.median(seconds):8.3f} {max(seconds):8.3f} s"
            f"   {min(ratios):6.2f} {statistics.median(ratios):6.2f} {max(ratios):6.2f}")


def show(result: Result):
    race = result.race
    print(f"\n{race.label}: {race.mails} mails, {race.connections} connections, {race.per_connection} mail(s) in each")
    print(f"  {'':28} {'min':>8} {'median':>8} {'max':>8}     {'ratio to the first: min, median, max':>20}")
    for contender in race.contenders:
        print(row(result, contender.label))


def goals(results: dict[str, Result]) -> list[tuple[str, float, str, float]]:
    """What issue and documentation promise: words, figure, relation, goal."""
    out = []
    for size in ("150 kB", "2 MB"):
        result = results[f"a PDF of {size}"]
        out += [(f"intake of {size} to no milter", result.ratio("kwit"), "<=", 1.5),
                (f"intake of {size} to the bare durable intake", result.ratio("kwit", BARE.label), "<=", 1.15),
                (f"pymilter script to kwit, {size}", result.ratio(USUAL.label, "kwit"), ">=", 2.5)]
    out.append(("ordinary mail to ACCEPT at DATA", results["ordinary mail"].ratio("kwit"), "<=", 1.05))
    out.append(("refusal at RCPT to Postfix's own", results["refused at RCPT"].ratio("kwit"), "<=", 1.10))
    return out


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--quick", action="store_true", help="under 3 minutes: fewer mails, 3 rounds")
    arguments.add_argument("--rounds", type=int)
    arguments.add_argument("--only", default="", help="races whose name contains this")
    arguments.add_argument("--page", default="", help="write an HTML page with plots here")
    chosen = arguments.parse_args()
    rounds = chosen.rounds or (3 if chosen.quick else 7)
    results = {}
    with Houses() as houses:
        track = Track(houses, rounds, lambda line: print(line, file=sys.stderr, flush=True))
        for race in races(houses, chosen.quick):
            if chosen.only in race.label:
                results[race.label] = track.run(race)
                show(results[race.label])
        verified = houses.kwit.run("verify").returncode == 0
    if chosen.page:
        write_page(pathlib.Path(chosen.page), results)
    if not chosen.only:
        print("\ngoals")
        for words, figure, relation, goal in goals(results):
            met = figure <= goal if relation == "<=" else figure >= goal
            print(f"  {'met    ' if met else 'not met'} {words}: {figure:.2f} ({relation} {goal})")
    print(f"\narchive: {'whole' if verified else 'DAMAGED'}; {os.cpu_count()} processors, medians of {rounds} rounds")
    return 0 if verified else 1


if __name__ == "__main__":
    sys.exit(main())
