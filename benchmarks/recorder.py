"""Records the calls of Odoo's core that an import makes, and makes them again without the import: the bare floor.

Only outermost calls count. Record ids are translated from the first set of records to the second; what translating and
recording cost is measured apart and belongs to neither side.
"""

import contextlib
import copy
import time

import workbench

RECORDED = {
    "res.partner": ("create",), "product.product": ("create",), "account.move": ("create", "_post"),
    "account.payment": ("create", "action_post"), "account.move.line": ("_reconcile_plan",),
    "account.partial.reconcile": ("create",),
}
TRANSLATED = {"partner_id": "res.partner", "product_id": "product.product", "parent_id": "res.partner"}
PARTIAL_SIDES = ("debit_move_id", "credit_move_id")


class Recorder:
    """Patches the methods of :data:`RECORDED`; use as a context manager.

    ``floor`` and ``aside`` are processor seconds: of the calls that were made again, and of recording and translating.
    """

    def __init__(self, env):
        self.env = env
        self.calls = []
        self.ids = {}
        self.depth = 0
        self.listening = False
        self.patched = []
        self.floor = self.aside = 0.0

    def __enter__(self):
        for model, names in RECORDED.items():
            for name in names:
                self._patch(self.env.registry[model], model, name)
        return self

    def __exit__(self, *_error):
        for cls, name in self.patched:
            delattr(cls, name)

    def _patch(self, cls, model, name):
        original = getattr(cls, name)

        def recorded(records, *args, **kwargs):
            # Found anew on each call: the addon's own override is not there while the floor is measured.
            call = getattr(super(cls, records), name)
            if not self.listening or self.depth:
                return call(*args, **kwargs)
            with self._aside():
                arguments = self._arguments(name, args)
            self.depth += 1
            try:
                result = call(*args, **kwargs)
            finally:
                self.depth -= 1
            created = result.ids if name == "create" else []
            self.calls.append((model, name, records.env.context, records.ids, arguments, kwargs, created))
            return result

        for attribute in ("_api_model", "_api_private", "_ondelete"):
            if hasattr(original, attribute):
                setattr(recorded, attribute, getattr(original, attribute))
        setattr(cls, name, recorded)
        self.patched.append((cls, name))

    @contextlib.contextmanager
    def _aside(self):
        start = time.process_time()
        try:
            yield
        finally:
            self.aside += time.process_time() - start

    def _arguments(self, name, args):
        if name == "_reconcile_plan":
            return [[lines.ids for lines in args[0]]]
        return copy.deepcopy(list(args))

    # === MAKING THE SAME CALLS AGAIN === #

    def replay(self):
        """Make the recorded calls once more, on records of their own, commit, and forget them.

        The addon's overrides of create, write and unlink are taken away meanwhile. Journal items are read before the
        clock starts, so that no call of the floor begins with a colder cache than the call it repeats.
        """
        calls, self.calls = self.calls, []
        with workbench.without_hooks():
            for model, name, context, ids, arguments, kwargs, created in calls:
                with self._aside():
                    own = [self.ids.get((model, one), one) for one in ids]
                    records = self.env[model].with_context(context).browse(own)
                    own = self._translated_arguments(records, name, arguments)
                result = self._timed(lambda: getattr(records, name)(*own, **kwargs))  # noqa: B023
                self.ids.update(zip(((model, one) for one in created), result.ids if created else (), strict=True))
            self._timed(lambda: (self.env.flush_all(), self.env.cr.commit(), self.env.invalidate_all()))

    def _timed(self, function):
        start = time.process_time()
        result = function()
        self.floor += time.process_time() - start
        return result

    def _translated_arguments(self, records, name, arguments):
        if name == "_reconcile_plan":
            lines = self._own_lines(records, {line_id for ids in arguments[0] for line_id in ids})
            return [[records.browse(lines[line_id] for line_id in ids) for ids in arguments[0]]]
        if name != "create":
            return arguments
        values = [self._values(records._name, values) for values in arguments[0]]
        if records._name == "account.partial.reconcile":
            lines = self._own_lines(records, {one[side] for one in values for side in PARTIAL_SIDES})
            values = [{**one, **{side: lines[one[side]] for side in PARTIAL_SIDES}} for one in values]
        return [values]

    def _values(self, model, values):
        values = {key: self._translated(key, value) for key, value in values.items()}
        if model == "account.move" and values.get("name"):
            values["name"] = f"F{values['name']}"
        return values

    def _translated(self, key, value):
        if key in TRANSLATED:
            return self.ids.get((TRANSLATED[key], value), value)
        if isinstance(value, list):
            return [(command, one, {key: self._translated(key, own) for key, own in values.items()})
                    if isinstance(values, dict) else (command, one, values) for command, one, values in value]
        return value

    def _own_lines(self, records, line_ids):
        """Return {recorded journal item: the item of our own document that stands in its place}, in a warm cache."""
        recorded = records.env["account.move.line"].browse(line_ids)
        own = {move: self._own_move(move).line_ids.sorted("id").ids for move in recorded.move_id}
        lines = {line.id: own[line.move_id][line.move_id.line_ids.sorted("id").ids.index(line.id)] for line in recorded}
        records.env["account.move.line"].browse(lines.values()).mapped("move_id.payment_state")
        return lines

    def _own_move(self, move):
        """Return our own document in the place of a recorded one."""
        payment = move.origin_payment_id
        if payment:
            return payment.browse(self.ids["account.payment", payment.id]).move_id
        return move.browse(self.ids["account.move", move.id])

    # === THE SAME BOOKS === #

    def books(self, model, amounts):
        """Return number and sums of ``amounts`` of the recorded records of ``model``, and of those of the floor."""
        pairs = [(one, own) for (name, one), own in self.ids.items() if name == model]
        return [
            (len(ids), *(round(sum(records.mapped(amount)), 2) for amount in amounts))
            for ids in ([pair[0] for pair in pairs], [pair[1] for pair in pairs])
            for records in [self.env[model].browse(ids)]]
