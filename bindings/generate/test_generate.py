#!/usr/bin/env python3
"""The reader of the headers refuses what has not the form, and a frozen description cannot change."""

import copy
import json
import pathlib
import shutil
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE))
import abi  # noqa: E402
import description  # noqa: E402


class Reading(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="remit-generate-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.headers = self.folder / "include"
        shutil.copytree(ROOT / "include" / "remit", self.headers)

    def change(self, header, old, new):
        text = (self.headers / header).read_text()
        self.assertIn(old, text)
        (self.headers / header).write_text(text.replace(old, new, 1))

    def read(self):
        return abi.read(str(self.headers))

    def test_roles(self):
        model = self.read()
        enqueue = {p.name: p for p in model.function("remit_payout_enqueue").parameters}
        self.assertEqual(
            [enqueue[n].role for n in ("engine", "requests", "request_count", "async", "out_accepted", "out_error")],
            ["handle", "structs", "length", "async", "out_structs", "error"],
        )
        self.assertEqual(
            (enqueue["requests"].of, enqueue["requests"].length), ("remit_payout_request", "request_count")
        )
        health = model.function("remit_engine_health")
        self.assertEqual((health.item_value, health.item_payload, health.waits), ("out_ok", "out_health", True))
        self.assertEqual(model.function("remit_blob_free").frees, "remit_blob")
        self.assertFalse(model.function("remit_error_status").status)
        self.assertIn("E_MISMATCH", model.function("remit_payout_enqueue").codes)
        self.assertTrue(model.struct("remit_engine_options").sized)
        self.assertEqual(next(c.value for c in model.constants if c.name == "REMIT_ZSTR"), 2**64 - 1)

    def test_every_function_of_the_headers_is_read(self):
        declared = sum((ROOT / "include/remit" / f).read_text().count("\nREMIT_API ") for f in
                       [p.name for p in (ROOT / "include/remit").glob("*.h")])
        self.assertEqual(len(self.read().functions), declared)

    def test_offsets_and_sizes_are_the_compilers(self):
        frozen = {}
        for line in (ROOT / "tests/abi/frozen.txt").read_text().splitlines():
            kind, name, *rest = line.split()
            frozen[kind, name] = rest
        for struct in self.read().structs:
            self.assertEqual(frozen["size", struct.name], [str(struct.size)], struct.name)
            for field in struct.fields:
                self.assertEqual(
                    frozen["field", f"{struct.name}.{field.name}"], [str(field.offset), str(field.size)], field.name
                )

    def test_what_has_not_the_form_is_refused(self):
        for header, old, new in [
            (
                "queue.h",
                "typedef struct remit_batch remit_batch;",
                "typedef struct remit_batch remit_batch;\n/* x */\n" "typedef struct remit_other remit_other;",
            ),
            ("payouts.h", "    uint64_t chain_id; ", "    long chain_id; "),
            ("payouts.h", "const char *token;       /*", "char *token;       /*"),
            ("sim.h", "uint64_t *out_count,", "double *out_count,"),
        ]:
            with self.subTest(new=new):
                kept = (self.headers / header).read_text()
                self.change(header, old, new)
                with self.assertRaises(abi.FormError):
                    self.read()
                (self.headers / header).write_text(kept)


class Freezing(unittest.TestCase):
    def setUp(self):
        self.model = abi.read(str(ROOT / "include" / "remit"))
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="remit-generate-"))
        self.addCleanup(shutil.rmtree, self.folder)
        (self.folder / "bindings").mkdir()
        self.was = json.loads(description.files(self.model)[description.PATH])

    def broken(self, change):
        was = copy.deepcopy(self.was)
        change(was)
        (self.folder / description.PATH).write_text(json.dumps(was))
        return description.broken(self.folder, self.model)

    def test_nothing_changed(self):
        self.assertEqual(self.broken(lambda was: None), [])

    def test_what_is_new_is_no_break(self):
        self.assertEqual(self.broken(lambda was: [was["functions"].pop("remit_query"), was["structs"].pop("remit_item"),
                                                  was["statuses"].pop("E_STATE")]), [])

    def test_an_options_struct_may_grow_at_its_end(self):
        def shorter(was):
            struct = was["structs"]["remit_world_options"]
            struct["size"] = 24
            struct["fields"] = dict(list(struct["fields"].items())[:4])
        self.assertEqual(self.broken(shorter), [])

    def test_breaks_are_told(self):
        def gone(was):
            was["functions"]["remit_gone"] = was["functions"]["remit_query"]

        def renumbered(was):
            was["statuses"]["E_STATE"]["number"] = -99

        def other_parameter(was):
            was["functions"]["remit_query"]["parameters"][1]["type"] = "const void *"

        def fixed_struct_grew(was):
            struct = was["structs"]["remit_async"]
            struct["size"] = 8
            struct["fields"] = dict(list(struct["fields"].items())[:1])

        def grew_in_the_middle(was):
            fields = was["structs"]["remit_world_options"]["fields"]
            fields["seed"]["offset"] = 16

        for change, name in [(gone, "remit_gone"), (renumbered, "E_STATE"), (other_parameter, "remit_query"),
                             (fixed_struct_grew, "remit_async"), (grew_in_the_middle, "remit_world_options")]:
            told = self.broken(change)
            self.assertEqual(len(told), 1, change)
            self.assertIn(name, told[0])


if __name__ == "__main__":
    unittest.main(verbosity=0)
