"""Records the calls of Odoo's core that an import makes, and makes them again without the import: the bare floor.

Only outermost calls count. Record ids are translated from the first set of records to the second.
"""

import copy

RECORDED = {
    "res.partner": ("create",), "product.product": ("create",), "account.move": ("create", "_post"),
    "account.payment": ("create", "action_post"), "account.move.line": ("_reconcile_plan",),
    "account.partial.reconcile": ("create",),
}
TRANSLATED = {"partner_id": "res.partner", "product_id": "product.product", "parent_id": "res.partner"}


class Recorder:
    """Patches the methods of :data:`RECORDED`; use as a context manager."""

    def __init__(self, env):
        self.env = env
        self.calls = []
        self.ids = {}
        self.depth = 0
        self.listening = False
        self.originals = []

    def __enter__(self):
        for model, names in RECORDED.items():
            for name in names:
                self._patch(self.env.registry[model], model, name)
        return self

    def __exit__(self, *_error):
        for cls, name in self.originals:
            delattr(cls, name)

    def _patch(self, cls, model, name):
        original = getattr(cls, name)

        def recorded(records, *args, **kwargs):
            if not self.listening or self.depth:
                return original(records, *args, **kwargs)
            arguments = self._arguments(name, args)
            self.depth += 1
            try:
                result = original(records, *args, **kwargs)
            finally:
                self.depth -= 1
            created = result.ids if name == "create" else []
            self.calls.append((model, name, records.env.context, records.ids, arguments, kwargs, created))
            return result

        for attribute in ("_api_model", "_api_private", "_ondelete"):
            if hasattr(original, attribute):
                setattr(recorded, attribute, getattr(original, attribute))
        setattr(cls, name, recorded)
        self.originals.append((cls, name))

    def _arguments(self, name, args):
        if name == "_reconcile_plan":
            return [[(lines.ids, lines.move_id.ids) for lines in args[0]]]
        return copy.deepcopy(list(args))

    # === MAKING THE SAME CALLS AGAIN === #

    def replay(self):
        """Make the recorded calls once more, on records of their own, and forget them."""
        calls, self.calls = self.calls, []
        for model, name, context, ids, arguments, kwargs, created in calls:
            records = self.env[model].with_context(context).browse([self.ids.get((model, one), one) for one in ids])
            if name == "create":
                result = records.create([self._values(model, values) for values in arguments[0]])
                self._remember(model, created, result)
            elif name == "_reconcile_plan":
                records._reconcile_plan([self._lines(pair) for pair in arguments[0]])
            else:
                getattr(records, name)(*arguments, **kwargs)
        self.env.flush_all()

    def _remember(self, model, created, result):
        self.ids.update(zip(((model, one) for one in created), result.ids, strict=True))

    def _values(self, model, values):
        values = {key: self._translated(key, value) for key, value in values.items()}
        if model == "account.move" and values.get("name"):
            values["name"] = f"F{values['name']}"
        if model == "account.partial.reconcile":
            for side in ("debit_move_id", "credit_move_id"):
                values[side] = self._line(values[side])
        return values

    def _translated(self, key, value):
        if key in TRANSLATED:
            return self.ids.get((TRANSLATED[key], value), value)
        if isinstance(value, list):
            return [(command, one, self._translated_dict(vals)) if isinstance(vals, dict) else (command, one, vals)
                    for command, one, vals in value]
        return value

    def _translated_dict(self, values):
        return {key: self._translated(key, value) for key, value in values.items()}

    def _lines(self, pair):
        return self.env["account.move.line"].browse([self._line(line_id) for line_id in pair[0]])

    def _line(self, line_id):
        """Return the receivable item of our own document that stands where the recorded one stood."""
        line = self.env["account.move.line"].browse(line_id)
        move = line.move_id
        if move.origin_payment_id:
            payment_id = self.ids["account.payment", move.origin_payment_id.id]
            own = self.env["account.payment"].browse(payment_id).move_id
        else:
            own = self.env["account.move"].browse(self.ids["account.move", move.id])
        position = move.line_ids.sorted("id").ids.index(line.id)
        return own.line_ids.sorted("id").ids[position]
