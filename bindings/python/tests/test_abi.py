"""The 1:1 layer against the library and against what the C compiler says."""

import ctypes
import json
import os
import subprocess
import sys

from scene import PACKAGE, ROOT, Case, main

from remit import _abi


class Layout(Case):
    def test_structs_are_as_the_compiler_lays_them_out(self):
        seen = {}
        for line in (ROOT / "tests/abi/frozen.txt").read_text().splitlines():
            kind, name, *rest = line.split()
            if kind == "size":
                seen[name] = [int(rest[0])]
            elif kind == "field":
                seen.setdefault(name, [int(n) for n in rest])
        compared = 0
        for struct, size in _abi.SIZES.items():
            name = "remit_" + "".join("_" + c.lower() if c.isupper() else c for c in struct.__name__)[1:]
            self.assertEqual(ctypes.sizeof(struct), size, name)
            self.assertEqual(seen[name], [size], name)
            for field, _ in struct._fields_:
                at = getattr(struct, field)
                self.assertEqual(seen[f"{name}.{field}"], [at.offset, at.size], f"{name}.{field}")
                compared += 1
        self.assertEqual(compared, sum(1 for name in seen if "." in name), "every field of the headers was compared")

    def test_every_function_of_the_description_is_in_the_library(self):
        described = json.loads((ROOT / "bindings/abi.json").read_text())
        self.assertEqual({"remit_" + name for name in _abi.FUNCTIONS}, set(described["functions"]))
        for name in _abi.FUNCTIONS:
            self.assertTrue(callable(getattr(_abi.library(), name)), name)
        with self.assertRaises(AttributeError):
            _abi.library().no_such_function

    def test_the_status_table_is_the_librarys(self):
        classes = ["DONE", "FIX", "RETRY", "ASK", "FINAL"]
        for number, name, cls, text in _abi.STATUSES:
            self.assertEqual(_abi.library().status_name(number).decode(), name if name == "OK" else "E_" + name)
            self.assertEqual(_abi.library().status_text(number).decode(), text)
            self.assertEqual(classes[_abi.library().status_class(number)], cls)

    def test_calls_release_the_interpreters_lock(self):
        self.assertIs(type(_abi.library().handle), ctypes.CDLL)


class Loading(Case):
    def run_with(self, library, program):
        return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60,
                              env={**os.environ, "PYTHONPATH": str(PACKAGE), "REMIT_LIBRARY": library})

    def test_importing_loads_and_starts_nothing(self):
        program = """if True:
            import threading, sys
            import remit
            maps = open('/proc/self/maps').read()
            assert 'libremit' not in maps, 'the library was loaded'
            assert threading.active_count() == 1
            assert not {'asyncio', 'logging', 'socket'} & set(sys.modules), 'costly modules were loaded'
            import remit.aio, remit.testing
            assert 'libremit' not in open('/proc/self/maps').read()
        """
        done = self.run_with("/nowhere/libremit.so", program)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_a_library_that_is_not_there_is_told_with_its_name(self):
        done = self.run_with("/nowhere/libremit.so", "import remit; remit.version()")
        self.assertIn("/nowhere/libremit.so", done.stderr)
        self.assertIn("ImportError", done.stderr)

    def test_a_library_of_another_abi_is_refused(self):
        source = self.folder() / "other.c"
        source.write_text("int remit_abi_version(void) { return 999; }\n")
        other = source.with_suffix(".so")
        subprocess.run(["cc", "-shared", "-fPIC", "-o", str(other), str(source)], check=True)
        done = self.run_with(str(other), "import remit; remit.version()")
        self.assertIn("has the ABI version 999, this package needs 1", done.stderr)

    def test_the_packages_own_library_is_found_without_the_variable(self):
        copy = self.folder() / "remit"
        subprocess.run(["cp", "-r", str(PACKAGE / "remit"), str(copy)], check=True)
        (copy / "_lib").mkdir()
        subprocess.run(["cp", os.environ["REMIT_LIBRARY"], str(copy / "_lib" / "libremit.so")], check=True)
        environment = {k: v for k, v in os.environ.items() if k != "REMIT_LIBRARY"}
        done = subprocess.run(
            [sys.executable, "-c", "import remit; from remit import _abi; print(remit.version(), _abi.library().path)"],
            capture_output=True,
            text=True,
            timeout=60,
            env={**environment, "PYTHONPATH": str(copy.parent)},
        )
        self.assertIn("_lib/libremit.so", done.stdout, done.stderr)

    def test_import_takes_less_than_60_ms(self):
        """Of this process' own time, so that a busy machine does not fail it."""
        program = "import time; t = time.process_time(); import {}; print((time.process_time() - t) * 1000)"
        taken = {what: min(float(self.run_with("", program.format(what)).stdout) for _ in range(5))
                 for what in ("remit", "remit.engine", "remit.aio")}
        print(", ".join(f"import {what}: {ms:.1f} ms" for what, ms in taken.items()))
        self.assertLess(taken["remit"], 60)

    def test_every_name_can_be_had(self):
        program = "import remit; [getattr(remit, name) for name in remit.__all__]; remit.nothing"
        self.assertIn("module 'remit' has no attribute 'nothing'", self.run_with("", program).stderr)


if __name__ == "__main__":
    main()
