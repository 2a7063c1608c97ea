"""Money and the other values: exact, frozen, and no float anywhere."""

import dataclasses
import pickle
from decimal import Decimal, getcontext, localcontext

from scene import CHAIN_ID, PAYEE, Case, main

import remit
from remit import _abi, errors, model


class Money(Case):
    def test_units_and_base_units(self):
        for units, decimals, base in [
            ("12.5", 6, 12500000),
            ("0.000001", 6, 1),
            ("1", 0, 1),
            ("0", 18, 0),
            ("1E+3", 2, 100000),
            ("1.10", 1, 11),
            ("-2.5", 1, -25),
            ("1E-18", 18, 1),
        ]:
            self.assertEqual(remit.to_base_units(Decimal(units), decimals), base, units)
            self.assertEqual(remit.from_base_units(base, decimals), Decimal(units), units)

    def test_256_bits_are_exact_whatever_the_decimal_context_says(self):
        largest = 2**256 - 1
        with localcontext() as context:
            context.prec = 5
            units = remit.from_base_units(largest, 18)
            self.assertEqual(remit.to_base_units(units, 18), largest)
        self.assertEqual(getcontext().prec, 28)

    def test_lost_digits_are_refused(self):
        for units in ("0.0000001", "1.2345678", "1E-90", "0.00000" + "0" * 40 + "1"):
            with self.assertRaisesRegex(ValueError, "decimals"):
                remit.to_base_units(Decimal(units), 6)
        for units in ("NaN", "Infinity", "1E+400"):
            with self.assertRaises(ValueError):
                remit.to_base_units(Decimal(units), 6)

    def test_other_types_are_refused(self):
        for amount in (1.5, 1, "1.5", True, None):
            with self.assertRaises(TypeError):
                remit.to_base_units(amount, 6)
            with self.assertRaises(TypeError):
                remit.PayoutRequest("x", CHAIN_ID, PAYEE, amount=amount)
        for base_units in (1.0, "1", Decimal(1), True):
            with self.assertRaises(TypeError):
                remit.PayoutRequest("x", CHAIN_ID, PAYEE, base_units=base_units)
        with self.assertRaises(TypeError):
            remit.PayoutRequest("x", CHAIN_ID, PAYEE, amount=Decimal(1), base_units=1)

    def test_floats_in_json_are_refused_however_deep(self):
        self.assertEqual(model.exact_json({"a": [Decimal("1.10"), {"b": 3}]}), '{"a": ["1.10", {"b": 3}]}')
        for value in (1.5, {"a": [1, {"b": 0.1}]}, [(2.0,)]):
            with self.assertRaises(TypeError):
                model.exact_json(value)
            with self.assertRaises(TypeError):
                remit.Reply.of(value)
        for value in (float("nan"), {"a": float("inf")}, {1.5: "a"}):
            with self.assertRaises(TypeError):
                remit.Reply.of(value)

    def test_a_json_reply_has_one_content_type(self):
        self.assertEqual(remit.Reply.of({"sum": Decimal("1.10"), "to": "é"}, 201, [("ETag", "1")]),
                         remit.Reply(201, (("Content-Type", "application/json"), ("ETag", "1")),
                                     '{"sum":"1.10","to":"é"}'.encode()))
        own = [("content-type", "application/problem+json"), ("ETag", "1")]
        self.assertEqual(remit.Reply.of({}, headers=own).headers, tuple(own))


class Values(Case):
    def test_values_are_frozen_and_compared_by_content(self):
        one = remit.Reply(201, (("A", "b"),), b"x")
        self.assertEqual(one, remit.Reply(201, (("A", "b"),), b"x"))
        for value in (one, remit.Accepted("po_1", True), remit.Statement("SELECT 1")):
            with self.assertRaises(dataclasses.FrozenInstanceError):
                value.sql = "x"

    def test_enumerations_have_the_numbers_of_the_abi(self):
        for kind, prefix in [(remit.Verdict, "VERDICT_"), (remit.Effect, "EFFECT_"), (remit.InFlight, "IN_FLIGHT_"),
                             (remit.PayoutStatus, "PAYOUT_")]:
            constants = {name[len(prefix):]: value for name, value in vars(_abi).items()
                         if name.startswith(prefix) and isinstance(value, int)}
            self.assertEqual({one.name: one.value for one in kind}, constants)


class Errors(Case):
    def test_each_status_has_one_class_and_its_subclass_agrees(self):
        classes = {"FIX": remit.FixError, "RETRY": remit.RetryError, "ASK": remit.AskError, "FINAL": remit.FinalError}
        for number, name, cls, text in _abi.STATUSES:
            if name == "OK":
                continue
            error = errors.make(number, "field", "")
            self.assertEqual(
                [isinstance(error, kind) for kind in classes.values()], [kind == cls for kind in classes], name
            )
            self.assertEqual((error.status, error.name, error.cls, error.text), (number, "E_" + name, cls, text))

    def test_an_unknown_status_is_a_fix_error(self):
        self.assertIsInstance(errors.make(-999, "", ""), remit.FixError)

    def test_errors_survive_pickling(self):
        error = errors.make(_abi.E_INVALID, "chains[0].rpc", "is no URL")
        again = pickle.loads(pickle.dumps(error))
        self.assertEqual(
            (type(again), again.status, again.field, again.text, str(again)),
            (remit.InvalidError, error.status, error.field, error.text, "E_INVALID: chains[0].rpc: is no URL"),
        )


if __name__ == "__main__":
    main()
