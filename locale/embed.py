#!/usr/bin/env python3
"""Writes the texts of locale/*.toml into a C++ file: embed.py OUTPUT FILE.toml…"""

import pathlib
import sys

HEAD = '#include "core/config/builtin_texts.hh"\n\n#include <array>\n\nnamespace kwit {\n\n'
MARK = "kwit_text"


def main(output: str, sources: list[str]) -> None:
    rows = []
    for source in sorted(map(pathlib.Path, sources), key=lambda path: path.stem):
        text = source.read_text(encoding="utf-8")
        assert f"){MARK}" not in text, source
        rows.append(f'    BuiltinText{{"{source.stem}", R"{MARK}({text}){MARK}"}},\n')
    pathlib.Path(output).write_text(
        HEAD
        + "namespace {\n\nconstexpr std::array texts = {\n" + "".join(rows) + "};\n\n} // namespace\n\n"
        + "std::span<const BuiltinText> builtin_texts() {\n    return texts;\n}\n\n} // namespace kwit\n",
        encoding="utf-8",
    )


main(sys.argv[1], sys.argv[2:])
