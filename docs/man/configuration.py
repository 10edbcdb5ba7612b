#!/usr/bin/env python3
"""Makes kwit.toml(5) of docs/configuration.md, so that each key is described in one place.

    configuration.py VERSION docs/configuration.md > kwit.toml.5

Knows what that document uses: headings, paragraphs, lists, tables, fenced blocks, `code` and [links](…).
"""

import pathlib
import re
import sys

HEAD = """.TH KWIT.TOML 5 "" "kwit {version}" "kwit"
.SH NAME
kwit.toml \\- configuration of kwit and kwit\\-milter
.SH DESCRIPTION
"""
TAIL = """.SH SEE ALSO
.BR kwit (1),
.BR kwit\\-milter (8)
"""


def plain(text: str) -> str:
    """A text for roff, as it is."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("`", "\\(ga")
    return re.sub(r"^\.", r"\\&.", text, flags=re.M)


def styled(text: str) -> str:
    """A text for roff with its code in bold."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    pieces = re.split(r"`([^`]*)`", text.replace("\\|", "|"))
    out = "".join(f"\\fB{plain(p)}\\fR" if i % 2 else plain(p).replace("\\(ga", "`") for i, p in enumerate(pieces))
    return re.sub(r"^\.", r"\\&.", out)


def cells(row: str) -> list[str]:
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", row.strip().strip("|"))]


def table(rows: list[str]) -> list[str]:
    """The first column as a tag, the others behind it with their titles."""
    titles, *body = [cells(row) for row in rows if not re.fullmatch(r"[|\s:-]+", row)]
    out = []
    for first, *rest in body:
        out += [".TP", styled(first) or "\\&"]
        *named, last = zip(titles[1:], rest)
        out += [f"{styled(title)}: {styled(cell)}.br" .replace(".br", "\n.br") for title, cell in named]
        out.append(styled(last[1]))
    return out


def convert(text: str) -> str:
    out, rows, fenced = [], [], False
    for line in text.splitlines()[1:]:  # the title is ours
        if rows and not line.startswith("|"):
            out += table(rows)
            rows = []
        if line.startswith("```"):
            fenced = not fenced
            out += [".PP", ".nf", ".RS 4"] if fenced else [".RE", ".fi"]
        elif fenced:
            out.append(plain(line) or "\\&")
        elif line.startswith("|"):
            rows.append(line)
        elif line.startswith("#"):
            out.append(".SH " + plain(line.lstrip("# ")).upper().replace("\\(GA", "\\(ga"))
        elif line.startswith("- "):
            out += [".IP \\(bu 2", styled(line[2:])]
        elif not line.strip():
            if out and out[-1] != ".PP" and not out[-1].startswith(".SH"):
                out.append(".PP")
        else:
            out.append(styled(line))
    out += table(rows) if rows else []
    # A paragraph before a heading, a list or a table is none.
    lines = "\n".join(out)
    return re.sub(r"\.PP\n(?=\.(?:SH|PP|TP|IP))", "", lines).removesuffix("\n.PP") + "\n"


def main():
    version, document = sys.argv[1:]
    sys.stdout.write(HEAD.format(version=version) + convert(pathlib.Path(document).read_text(encoding="utf-8")) + TAIL)


if __name__ == "__main__":
    main()
