#!/usr/bin/env python3
"""Every line of C and C++ in the README, and what the quickstart prints, stands in the programs that are run."""

import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1])
quickstart = root / "examples" / "quickstart"
sources = {
    "c": (quickstart / "quickstart.c").read_text(),
    "cpp": (quickstart / "quickstart.cpp").read_text(),
    "text": (quickstart / "expected.txt").read_text(),
}
faults = 0
seen = {name: 0 for name in sources}
for language, block in re.findall(r"```(c|cpp|text)\n(.*?)```", (root / "README.md").read_text(), re.S):
    if language == "text" and not block.startswith("$ quickstart"):
        continue
    lines = {line.strip() for line in sources[language].splitlines()}
    seen[language] += 1
    for line in block.splitlines():
        if line.strip() not in lines:
            faults += 1
            print(f"README.md: not in the quickstart ({language}): {line}")
for language, count in seen.items():
    if count == 0:
        faults += 1
        print(f"README.md: shows no block of {language}")
sys.exit(1 if faults else 0)
