#!/usr/bin/env python3
"""Writes everything that is made from include/remit/*.h: generate.py [--check]

With --check it writes nothing and fails when a file is not what it would write.
"""

import difflib
import importlib.util
import pathlib
import sys
from typing import Dict

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import abi  # noqa: E402
import description  # noqa: E402
import program  # noqa: E402
import python  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
EMITTERS = [description, python, program]
if importlib.util.find_spec("node"):
    import node

    EMITTERS.append(node)


def files(model: abi.Model) -> Dict[str, str]:
    out: Dict[str, str] = {}
    for emitter in EMITTERS:
        out.update(emitter.files(model))
    return out


def main() -> int:
    check = sys.argv[1:] == ["--check"]
    if sys.argv[1:] and not check:
        print(__doc__, file=sys.stderr)
        return 2
    model = abi.read(str(ROOT / "include" / "remit"))
    wrong = description.broken(ROOT, model)
    if wrong:
        print("\n".join(wrong))
        return 1
    stale = 0
    for name, text in sorted(files(model).items()):
        path = ROOT / name
        was = path.read_text(encoding="utf-8") if path.exists() else ""
        if was == text:
            continue
        stale += 1
        if check:
            lines = difflib.unified_diff(was.splitlines(), text.splitlines(), name, "the headers", lineterm="", n=0)
            print(f"{name}:1: is stale: run bindings/generate/generate.py", *list(lines)[:20], sep="\n")
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            print(f"wrote {name}")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
