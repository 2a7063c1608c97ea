"""The files of a source tree, and C++ text without its comments and strings."""

import os
import re

SKIPPED_FOLDERS = {".git", "build", "node_modules", "__pycache__"}
C_LIKE = (".c", ".h", ".cpp", ".hpp", ".in")


class Tree:
    """A checkout, or a small one made by the self test."""

    def __init__(self, root):
        self.root = os.path.abspath(root)
        self._texts = {}
        self.files = []
        for folder, folders, names in os.walk(self.root):
            folders[:] = sorted(f for f in folders if f not in SKIPPED_FOLDERS)
            for name in sorted(names):
                self.files.append(os.path.relpath(os.path.join(folder, name), self.root).replace(os.sep, "/"))

    def path(self, name):
        return os.path.join(self.root, name)

    def under(self, *prefixes, ends=(".cpp", ".hpp", ".c", ".h")):
        return [f for f in self.files if f.startswith(prefixes) and f.endswith(ends)]

    def text(self, name):
        if name not in self._texts:
            with open(self.path(name), "rb") as file:
                raw = file.read()
            self._texts[name] = None if b"\0" in raw else raw.decode("utf-8", "replace")
        return self._texts[name]

    def code(self, name):
        """The text with comments and the insides of strings blanked; lines stay where they are."""
        return strip(self.text(name) or "")


TOKEN = re.compile(
    r"""(?P<line>//[^\n]*)
      | (?P<block>/\*.*?\*/)
      | (?P<raw>\bu?8?[LUR]*R"(?P<delim>[^()\s\\]*)\(.*?\)(?P=delim)")
      | (?P<string>"(?:\\.|[^"\\\n])*")
      | (?P<number>\b[0-9](?:'?[0-9a-zA-Z_.])*)
      | (?P<char>'(?:\\.|[^'\\\n])+')
    """,
    re.S | re.X,
)


def blank(text):
    return re.sub(r"[^\n]", " ", text)


def strip(text):
    def replace(match):
        if match.lastgroup == "number":
            return match.group()
        if match.group("string") or match.group("raw") or match.group("char"):
            body = match.group()
            return body[0] + blank(body[1:-1]) + body[-1] if match.group("char") else '"' + blank(body[1:-1]) + '"'
        return blank(match.group())

    # An include's name is a string that the include graph reads from the text itself.
    return TOKEN.sub(replace, text)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]+)[>"]', re.M)


def includes(tree, name):
    """(line, '<' or '"', path) of each include."""
    text = tree.text(name) or ""
    code = strip(text)
    for match in INCLUDE.finditer(text):
        if code[match.start() : match.start() + match.group().index("#") + 1].strip() == "#":
            yield line_of(text, match.start()), match.group(1), match.group(2)


def without_directives(code):
    return re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", lambda m: blank(m.group()), code, flags=re.M)


OPENS_SCOPE = re.compile(r"(^|[^\w])(namespace|class|struct|union|extern)\b")
LAMBDA = re.compile(r"\]\s*(\(|\{|mutable\b|$)")


def functions(code):
    """(first line, last line) of each outermost function; scopes are entered, data is passed over."""
    code = without_directives(code)
    at, start, depth_paren = 0, 0, 0
    while at < len(code):
        c = code[at]
        if c in "([":
            depth_paren += 1
        elif c in ")]":
            depth_paren -= 1
        elif c == ";" and depth_paren == 0 or c == "}":
            start = at + 1
        elif c == "{" and depth_paren == 0:
            header = code[start:at]
            if is_scope(header):
                start = at + 1
            else:
                end = matching(code, at)
                after = code[end + 1 :].lstrip()[:1]
                if after not in (",", "{") or is_data(header):
                    if not is_data(header):
                        lead = len(header) - len(header.lstrip())
                        yield line_of(code, start + lead), line_of(code, end)
                    start = end + 1
                at = end
        at += 1


def is_scope(header):
    if re.search(r"(^|\W)enum\b", header):
        return False
    found = OPENS_SCOPE.search(header)
    if not found:
        return False
    if found.group(2) in ("namespace", "extern"):
        return "(" not in header
    # `struct X f() {` has a parameter list behind the name; `class X : public Y<Z> {` does not.
    return "(" not in re.sub(r"__attribute__\s*\(\(.*?\)\)|alignas\s*\(.*?\)|template\s*<[^{]*?>", "", header)


def is_data(header):
    if re.search(r"(^|\W)enum\b", header) or "(" not in header:
        return not LAMBDA.search(header)
    before = re.split(r"\(", header, maxsplit=1)[0]
    assigned = re.search(r"(?<![=!<>+\-*/])=(?!=)", re.sub(r"operator\s*\W+", "", before))
    return bool(assigned) and not LAMBDA.search(header)


def matching(code, at):
    depth = 0
    for i in range(at, len(code)):
        if code[i] == "{":
            depth += 1
        elif code[i] == "}":
            depth -= 1
            if depth == 0:
                return i
    return len(code) - 1
