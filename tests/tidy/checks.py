"""Checks that only read: includes, words, sizes, documents, dead files."""

import re

import rules
from source import functions, includes, line_of

ROOM = re.compile(r"^remit_room\((\w+)\s+DIR\s+(\S+?)(?:\s+USES((?:\s+(?!LINKS)\w+)*))?(?:\s+LINKS[^)]*)?\)", re.M)


class Rooms:
    def __init__(self, tree):
        # The program is no room. It stands on the public headers and borrows JSON, the text of ids, addresses and
        # times, the system ports, and for its doctor the bare database.
        self.by_dir = {"cli": "cli"}
        self.uses = {"cli": {"core", "crypto", "engine", "sql"}}
        for name, folder, used in ROOM.findall(tree.text("CMakeLists.txt") or ""):
            self.by_dir[folder] = name
            self.uses[name] = set(used.split())

    def of(self, path):
        """The room whose folder the path (below src/) is in."""
        parts = path.split("/")
        for n in range(len(parts) - 1, 0, -1):
            room = self.by_dir.get("/".join(parts[:n]))
            if room:
                return room
        return None


def include_graph(tree, _):
    rooms = Rooms(tree)
    found = []
    for name in tree.under("src/"):
        room = rooms.of(name[len("src/") :])
        if room is None:
            found.append(f"{name}:1: belongs to no room of CMakeLists.txt")
            continue
        for line, kind, path in includes(tree, name):
            problem = private_edge(tree, rooms, room, path) if kind == '"' else public_edge(room, path)
            if problem:
                found.append(f"{name}:{line}: {problem}")
    for name in tree.under("include/"):
        for line, kind, path in includes(tree, name):
            if not fits_public(name, kind, path):
                found.append(f"{name}:{line}: a public header includes {path}, which is not the standard library")
    for name in tree.under("tests/bench/limit/"):
        for line, kind, path in includes(tree, name):
            if kind == '"' and "src/" + path in tree.files or path.startswith("remit/"):
                found.append(f"{name}:{line}: a limit program includes {path}; it must not know us")
    return found


def private_edge(tree, rooms, room, path):
    if "src/" + path not in tree.files:
        return f'"{path}" is no file below src/'
    other = rooms.of(path)
    if other != room and other not in rooms.uses[room]:
        return f"{room} -> {other} by {path}: {room} does not use {other}"
    return None


def public_edge(room, path):
    if path in rules.STD:
        return None
    table = rules.PUBLIC_FOR if path.startswith("remit/") else rules.FOREIGN
    for pattern, allowed, why in table:
        if re.fullmatch(pattern, path):
            return None if room in allowed else f"<{path}> is for {', '.join(sorted(allowed))} only ({why})"
    return None if path.startswith("remit/") else f"<{path}> is in no table of tests/tidy/rules.py"


def fits_public(name, kind, path):
    if kind == '"':
        return False
    if name.endswith(".h"):
        return path in rules.C_STD or (path.startswith("remit/") and path.endswith(".h"))
    return path in rules.STD or path.startswith("remit/")


def ban_list(tree, _):
    found = []
    for name in tree.under("src/", "include/"):
        code = tree.code(name)
        for ban in rules.BANS:
            if any(name.startswith(place) for place in ban.places):
                continue
            for match in ban.pattern.finditer(code):
                found.append(f"{name}:{line_of(code, match.start())}: {ban.name}: {match.group().strip()}")
    for ban in rules.BANS:
        for place in ban.places:
            if not any(f.startswith(place) for f in tree.files):
                found.append(f"tests/tidy/rules.py:1: {ban.name} is allowed in {place}, which does not exist")
    return found


def ratchet(tree):
    """Longest function allowed, by file: exceptions that were there when the rule came, which only shrink."""
    out = {}
    for line in (tree.text("tests/tidy/function_length.txt") or "").splitlines():
        if line.strip() and not line.startswith("#"):
            path, lines = line.split()
            out[path] = int(lines)
    return out


def function_length(tree, _):
    found = []
    allowed = ratchet(tree) if "tests/tidy/function_length.txt" in tree.files else {}
    for name in tree.under("src/", "include/", "tests/", "examples/"):
        text = tree.text(name) or ""
        if name.startswith(rules.NOT_OURS):
            continue
        count = len(text.splitlines())
        if count > rules.FILE_LINES:
            found.append(f"{name}:{count}: has {count} lines, more than {rules.FILE_LINES}")
        longest, at = 0, 1
        for first, last in functions(tree.code(name)):
            if last - first + 1 > longest:
                longest, at = last - first + 1, first
        limit = allowed.pop(name, 0)
        if longest > max(limit, rules.FUNCTION_LINES):
            found.append(f"{name}:{at}: a function of {longest} lines; {max(limit, rules.FUNCTION_LINES)} are allowed")
        if limit and longest < limit:
            found.append(f"tests/tidy/function_length.txt:1: {name} has come down to {longest}: lower its entry, or drop it")
    for name in allowed:
        found.append(f"tests/tidy/function_length.txt:1: {name} is gone: drop its entry")
    return found


def documents(tree, _):
    found = []
    for name in tree.files:
        if name.startswith(rules.NOT_OURS):
            continue
        text = tree.text(name)
        if text is None:
            continue
        for pattern, what in ((rules.MACHINE_PATHS, "a machine's path"), (rules.REGISTRY_HOSTS, "a registry's host")):
            for match in pattern.finditer(text):
                # A lock file names where each package comes from; its tool writes and needs that.
                if what.startswith("a registry") and name.endswith("package-lock.json"):
                    continue
                found.append(f"{name}:{line_of(text, match.start())}: {what}: {match.group()}")
        if name.endswith(".md"):
            found += document(name, text)
    return found


def document(name, text):
    outside = re.sub(r"^(```|~~~).*?^\1[^\n]*$", lambda m: "\n" * m.group().count("\n"), text, flags=re.M | re.S)
    titles = [i for i, line in enumerate(outside.splitlines(), 1) if re.match(r"# ", line)]
    if len(titles) != 1:
        yield f"{name}:{titles[1] if titles else 1}: has {len(titles)} titles (lines that begin with one #), not one"
    lines = len(text.splitlines())
    if name == "README.md" and lines > rules.README_LINES:
        yield f"{name}:{lines}: has {lines} lines, more than {rules.README_LINES}"


def dead_files(tree, _):
    used = set()
    for name in tree.under("src/", "tests/", "examples/"):
        for _, kind, path in includes(tree, name):
            used.add("src/" + path)
    return [f"{name}:1: nothing includes it" for name in tree.under("src/", ends=(".hpp", ".h")) if name not in used]
