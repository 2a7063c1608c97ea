"""Types and age: mypy --strict for the package and for a host's program, and the grammar of Python 3.9 everywhere."""

import ast
import pathlib
import re
import subprocess
import sys
import tempfile

from scene import PACKAGE, ROOT, Case, main


def mypy(*files):
    with tempfile.TemporaryDirectory() as cache:
        return subprocess.run(
            [
                sys.executable,
                "-m",
                "mypy",
                "--strict",
                "--python-version",
                "3.9",
                "--no-error-summary",
                "--cache-dir",
                cache,
                *map(str, files),
            ],
            cwd=PACKAGE,
            capture_output=True,
            text=True,
            timeout=300,
        )


class Types(Case):
    def test_the_package_is_clean(self):
        done = mypy("remit")
        self.assertEqual(done.stdout, "")

    def test_a_hosts_program_is_clean_but_for_what_is_refused(self):
        program = pathlib.Path(__file__).with_name("typed.py")
        refused = {n for n, line in enumerate(program.read_text().splitlines(), 1) if line.endswith("# refused")}
        said = mypy(program).stdout
        told = {int(n) for n in re.findall(r"typed\.py:(\d+): error", said)}
        self.assertEqual(told, refused, said)

    def test_the_package_says_that_it_is_typed(self):
        self.assertTrue((PACKAGE / "remit" / "py.typed").exists())


class Age(Case):
    # Of modules that Python 3.9 has: names that came later.
    LATER = re.compile(
        r"\b(match\s+\w+\s*:|ExceptionGroup|TaskGroup|asyncio\.(timeout|Runner)|StrEnum|tomllib|"
        r"itertools\.(batched|pairwise)|"
        r"typing import [^\n]*\b(Self|ParamSpec|TypeAlias|Never|assert_never|override|NotRequired|Concatenate)\b|"
        r"slots=True|kw_only=True|zip\([^)]*strict=|datetime\.UTC|aiter\(|anext\(|"
        r"bit_count|Path\.walk|contextlib\.(aclosing|chdir))"
    )

    def test_every_file_reads_as_python_3_9(self):
        files = [*PACKAGE.glob("remit/*.py"), *PACKAGE.glob("tests/*.py"), *ROOT.glob("bindings/program/*.py"),
                 *ROOT.glob("bindings/generate/*.py")]
        self.assertGreater(len(files), 15)
        for file in files:
            ast.parse(file.read_text(encoding="utf-8"), str(file), feature_version=(3, 9))

    def test_the_package_uses_nothing_newer(self):
        for file in PACKAGE.glob("remit/*.py"):
            text = file.read_text(encoding="utf-8")
            self.assertIsNone(self.LATER.search(text), file)
            # X | Y between types is evaluated where there is no future import.
            self.assertIsNone(re.search(r"(:|->)\s*[\w\[\], ]+ \| \w+[^\n]*[:=]", text), file)


if __name__ == "__main__":
    main()
