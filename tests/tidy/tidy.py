#!/usr/bin/env python3
"""The house rules as tests: tidy.py CHECK [--root FOLDER] [--library libremit.so]

Prints each offence as file:line: what, and exits 1 when there is one. `all` is every check of the sources;
`freeze` writes tests/abi/frozen.txt.
"""

import argparse
import os
import subprocess
import sys

import abi
import checks
import rules
from source import Tree


def format_check(tree, _):
    names = tree.under("src/", "include/", "tests/", "examples/")
    # The C headers are set by hand: columns that people and programs read, lists that must not be reflowed.
    names = [n for n in names if not n.startswith(rules.NOT_OURS) and not (n.startswith("include/") and n.endswith(".h"))]
    if not names:
        return []
    done = subprocess.run(["clang-format-14", "--dry-run", "-Werror", *names], cwd=tree.root, capture_output=True,
                          text=True, check=False)
    offences = {}
    for line in done.stderr.splitlines():
        if "[-Wclang-format-violations]" in line:
            name, at = line.split(":")[:2]
            offences.setdefault(name, at)
    if done.returncode != 0 and not offences:
        return [f"clang-format-14:1: {done.stderr.strip()}"]
    return [f"{name}:{at}: is not formatted: clang-format-14 -i {name}" for name, at in offences.items()]


CHECKS = {
    "include_graph": checks.include_graph,
    "ban_list": checks.ban_list,
    "function_length": checks.function_length,
    "documents": checks.documents,
    "dead_files": checks.dead_files,
    "headers_alone": abi.headers_alone,
    "exported_symbols": abi.exported_symbols,
    "layout": abi.layout,
    "freeze": abi.freeze,
    "format": format_check,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("check", choices=[*CHECKS, "all"])
    parser.add_argument("--root", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
    parser.add_argument("--library", help="for exported_symbols")
    args = parser.parse_args()
    of_sources = [c for c in CHECKS if c not in ("exported_symbols", "freeze")]
    tree = Tree(args.root)
    found = [offence for check in (of_sources if args.check == "all" else [args.check]) for offence in CHECKS[check](tree, args)]
    for offence in found:
        print(offence)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
