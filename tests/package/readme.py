#!/usr/bin/env python3
"""The code in the README, and what the quickstart prints, stand in the programs that are run; its counts are counted."""

import json
import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1])
quickstart = root / "examples" / "quickstart"
sources = {
    "c": (quickstart / "quickstart.c").read_text(),
    "cpp": (quickstart / "quickstart.cpp").read_text(),
    "python": (quickstart / "quickstart.py").read_text(),
    "ts": (quickstart / "quickstart.ts").read_text(),
    "text": (quickstart / "expected.txt").read_text(),
}
readme = (root / "README.md").read_text()
faults = 0
seen = {name: 0 for name in sources}
for language, block in re.findall(r"```(c|cpp|python|ts|text)\n(.*?)```", readme, re.S):
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
functions = len(json.loads((root / "bindings" / "abi.json").read_text())["functions"])
if f"a C ABI of {functions} functions" not in readme:
    faults += 1
    print(f"README.md: the C ABI has {functions} functions")
sys.exit(1 if faults else 0)
