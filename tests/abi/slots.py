#!/usr/bin/env python3
"""The form of the C headers: slots.py FOLDER

Each function's comment says what it does, has a slot for each parameter in order, what it returns and since when;
each type's comment says which threads may use it. A generator of bindings reads the same slots.
"""

import pathlib
import re
import sys

COMMENT = r"/\*((?:(?!\*/).)*)\*/\s*"
FUNCTION = re.compile(COMMENT + r"REMIT_API\s+(?:REMIT_NODISCARD\s+)?[\w\s\*]*?(remit_\w+)\(([^;]*)\);", re.S)
TYPE = re.compile(COMMENT + r"typedef struct (remit_\w+)", re.S)
STATUSES = re.compile(r"#define REMIT_STATUS_TABLE.*?(?=\n\n)", re.S)


def parameters(text):
    if text.strip() in ("", "void"):
        return []
    return [re.search(r"(\w+)\s*$", part).group(1) for part in text.split(",")]


def slots(comment):
    return re.findall(r"^ \* (\w+) {2,}\S", comment, re.M)


def check_function(comment, name, wanted, statuses):
    found = slots(comment)
    if not re.match(r"\s*[A-Z]", comment):
        yield f"{name}: does not begin with what it does"
    if "out_error" in wanted and wanted[-1] != "out_error":
        yield f"{name}: out_error is not last"
    if found[: len(wanted)] != wanted:
        yield f"{name}: has the slots {found}, the parameters are {wanted}"
    if found[len(wanted) :] != ["Returns"]:
        yield f"{name}: Returns is not its last slot"
    if not re.search(r"Since \d+\.\d+\s*$", comment):
        yield f"{name}: does not end with Since"
    returns = comment[comment.rfind("Returns") :]
    for code in re.findall(r"\b[A-Z][A-Z_]{3,}\b", returns):
        if code not in statuses and code not in ("NULL", "REMIT_CLASS_"):
            yield f"{name}: returns {code}, which is no status"


def main(folder):
    headers = sorted(pathlib.Path(folder).glob("*.h"))
    table = STATUSES.search(pathlib.Path(folder, "status.h").read_text(encoding="utf-8")).group()
    statuses = {re.sub(r"^E_", "", name) for name in re.findall(r"X\((\w+),", table)}
    wrong, functions = [], 0
    for header in headers:
        text = header.read_text(encoding="utf-8")
        said = [(c, n) for c, n in TYPE.findall(text) if not re.search(r"\bthreads?\b", c)]
        wrong += [f"{header.name}: {n}: its comment does not say which threads may use it" for c, n in said]
        for comment, name, given in FUNCTION.findall(text):
            functions += 1
            wrong += [f"{header.name}: {w}" for w in check_function(comment, name, parameters(given), statuses)]
        if text.count("REMIT_API ") - text.count("#define REMIT_API ") != len(FUNCTION.findall(text)):
            wrong.append(f"{header.name}: a function has no comment")
        wrong += [f"{header.name}:{n}: has more than 120 columns" for n, line in enumerate(text.splitlines(), 1) if len(line) > 120]
    if not 0 < functions <= 100:
        wrong.append(f"{functions} functions; 1 to 100 are promised")
    print("\n".join(wrong) or f"{functions} functions have all their slots")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
