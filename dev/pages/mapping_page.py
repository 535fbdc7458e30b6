"""The page docs/mapping.md, made from the code that maps: handlers, payload writers, matchers."""

import ast
import dataclasses
import functools

from pages import handlers, payloads
from qbo import documents, matching
from qbo.mapping import payment
from qbo.mapping.values import Text
from room import places

PAGE = places.ROOT / "docs" / "mapping.md"
HEAD = """# What becomes what, field by field

Written by `make docs` from the code that maps, and checked by a test: change the code, not this page. → is from Odoo to
QuickBooks, ← the other way. *Neutral* is the name in [documents.py](../qbo/documents.py), which previews and conflicts
use. Columns of Odoo are those that the handlers in [models/sync](../models/sync) read and write; remarks are their own
words. What is possible in which direction, and what is left out on purpose, is in [coverage.md](coverage.md).
"""
MOVE_TYPES = {
    "out_invoice": "Customer invoice", "out_refund": "Customer credit note", "out_receipt": "Sales receipt",
    "in_invoice": "Vendor bill", "in_refund": "Vendor credit note", "in_receipt": "Purchase receipt",
    "entry": "Journal entry",
}
MODELS = {
    "res.partner": "Partner", "product.product": "Product variant", "account.payment": "Payment",
    "account.move": "Journal entry", "qbo.application": "Applied credit note",
    "account.account": "Account", "account.journal": "Bank, cash or credit card journal", "account.tax": "Sales tax",
    "account.payment.term": "Payment term", "account.payment.method.line": "Payment method of a journal",
}
# The transactions that QuickBooks Online knows.
TRANSACTIONS = (
    "Invoice", "CreditMemo", "Payment", "SalesReceipt", "RefundReceipt", "Estimate", "Charge", "StatementCharge",
    "JournalEntry", "Deposit", "Transfer", "Expense", "Check", "CreditCardCredit", "Bill", "VendorCredit",
    "BillPayment", "PurchaseOrder", "TimeActivity",
)
LISTS = ("Account", "TaxCode", "TaxRate", "Term", "PaymentMethod", "CompanyInfo", "Preferences")


def page():
    """Return the text of the page."""
    kinds = [handler for _entity, handler in sorted(handlers.handlers().items(), key=_order)]
    parts = [HEAD, representation(kinds), *(kind(handler) for handler in kinds), mapped(), lists(), home(kinds)]
    return "\n".join(parts)


def _order(pair):
    known = list(documents.DOCUMENTS)
    return known.index(pair[0]) if pair[0] in known else len(known), pair[0]


def table(heads, rows):
    """Return a table; a pipe inside a cell would end it."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |" for row in lines) + "\n"


def doc(handler, name):
    """Return what the docstring of a handler's method says; what all handlers inherit says nothing of this one."""
    method = handler.methods.get(name)
    if method is None or method.file == "base.py":
        return ""
    return handlers.sentences(ast.get_docstring(method) or "")


# === REPRESENTATION === #


def representation(kinds):
    """Return both tables of what becomes which document, and what is left."""
    out, moves = [], set()
    for handler in kinds:
        for name, condition in _sources(handler) if payloads.is_written(handler.entity) else ():
            removed = handler.attributes.get("_cancel_operation") if "_move_type" in handler.attributes else ""
            out.append([name, handler.entity, condition, removed or ""])
        moves.add(handler.attributes.get("_move_type"))
    out += [[f"{label} (`{kind}`)", "-", "no handler: stays in Odoo", ""]
            for kind, label in MOVE_TYPES.items() if kind not in moves and kind != "entry"]
    return "\n".join([
        "## Which document becomes which\n",
        table(["in Odoo", "→ in QuickBooks", "which", "when cancelled"], out),
        _limits(kinds),
        table(["in QuickBooks", "← in Odoo", "recognised", "when it is gone"], _arrivals(kinds)),
    ])


def _sources(handler):
    """Yield (name, condition) of the Odoo records that a handler reads."""
    kind = handler.attributes.get("_move_type")
    if kind:
        more = doc(handler, "_fill") if handler.attributes.get("_role") else ""
        yield f"{MOVE_TYPES[kind]} (`{kind}`)", " ".join(filter(None, (doc(handler, "_in_scope"), more)))
        return
    readers = _readers(handler)
    for model, method in readers.items():
        yield f"{MODELS.get(model, model)} (`{model}`)", doc(handler, method) or handlers.sentences(handler.doc)
    if not readers:
        model = handlers.model_of(handler, MODELS)
        yield f"{MODELS.get(model, model)} (`{model}`)", doc(handler, "_targets")


def _readers(handler):
    """Return {model: method} of a handler that reads several models."""
    found = {}
    for node in ast.walk(handler.methods["_read"]):
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                names = [part.attr for part in ast.walk(value) if isinstance(part, ast.Attribute)
                         and part.attr in handler.methods]
                if isinstance(key, ast.Constant) and "." in key.value and names:
                    found[key.value] = names[0]
    return found


def _limits(kinds):
    """Return how payments treat what is not money: write-offs, and what they settle that has no document."""
    rows = [doc(handler, name) for handler in kinds
            for name in ("_in_scope", "_within_total", "_link", "_is_receipt", "_reference")
            if "_move_type" not in handler.attributes and doc(handler, name)]
    return "".join(f"- {row}\n" for row in dict.fromkeys(rows))


def _arrivals(kinds):
    by_entity = {handler.entity: handler for handler in kinds}
    rows = []
    for handler in kinds:
        target = " or ".join(name for name, _condition in _sources(handler))
        rows.append([handler.entity, target, doc(handler, "_match"), doc(handler, "_remove")])
    for name in TRANSACTIONS:
        if payment.ENTITY_OF.get(name, name) in by_entity:
            continue
        named = name in payment.DEBIT_TYPES | payment.CREDIT_TYPES
        rows.append([name, "-", "not read" + (
            "; the part of a payment that names it stays unapplied, with a warning" if named else ""), ""])
    return rows


# === FIELDS === #


def kind(handler):
    """Return the section of one kind of record."""
    entity = handler.entity
    cls = documents.DOCUMENTS[entity]
    rows = [_row(entity, spec, "", *_traced(entity)) for spec in dataclasses.fields(cls)]
    files = sorted({method.file for method in handler.methods.values()} - {"base.py"})
    code = ", ".join(f"[{name}](../models/sync/{name})" for name in files)
    text = [
        f"## {entity}\n", f"Code: {code}. {payloads.update(entity)} {handlers.sentences(handler.doc)}\n",
        table(["Odoo →", "neutral", "QuickBooks", "→ Odoo", "remarks"], rows)]
    for label, found in payloads.line_paths(entity).items():
        name = f"{entity}, {label} lines" if label else f"{entity}, lines"
        text += [f"### {name}\n", table(
            ["Odoo →", "neutral", "QuickBooks", "→ Odoo"], [_line(entity, field, found) for field in found])]
    return "\n".join(text)


@functools.cache
def _traced(entity):
    handler = handlers.handlers()[entity]
    cls = documents.DOCUMENTS[handler.entity]
    names = {spec.name for spec in dataclasses.fields(cls)}
    line = payloads.line_class(entity)
    lines = {spec.name for spec in dataclasses.fields(line)} if line else set()
    return handlers.out_fields(handler, names, lines), handlers.in_fields(handler, names, lines)


def _row(entity, spec, part, out, into):
    name = spec.name
    made, kept = out.get((part, name)), into.get((part, name))
    field = payloads.table(entity).get(name)
    sent = payloads.paths(entity).get(name, [])
    shown = _short(sent) or ([field.path] if field else [])
    remarks = [*_limits_of(field), *_ways(entity, spec, field, sent, made or kept),
               *(f"→ {note}" for note in (made.notes if made else ())),
               *(f"← {note}" for note in (kept.notes if kept else ()))]
    return [_columns(made), f"`{name}`", _code(shown) or "-", _columns(kept), " ".join(remarks)]


def _line(entity, name, found):
    out, into = _traced(entity)
    made, kept = out.get(("line", name)), into.get(("line", name))
    return [_columns(made), f"`{name}`", _code(_short(found[name])), _columns(kept)]


def _columns(trace):
    """Return the columns of a trace; what is made of nothing but the link or the rules of the connection has none."""
    if trace is None:
        return "-"
    return _code(name for part in trace.names for name in (
        handlers.address_columns() if part == "address" else [part])) or "(computed)"


def _code(names):
    return ", ".join(f"`{name}`" for name in dict.fromkeys(names))


def _short(paths):
    """Return the object instead of its parts, when several of one object are written: an address, a tax line."""
    parents = [path.rpartition(".")[0] for path in paths]
    return list(dict.fromkeys(
        parent if parent and parents.count(parent) > 2 else path for path, parent in zip(paths, parents, strict=True)))


def _limits_of(field):
    """Yield what the table of the payload says about a field."""
    if field is None:
        return
    if isinstance(field.codec, Text):
        yield f"At most {field.codec.maximum} characters, longer is {'refused' if field.codec.strict else 'cut'}."
    if field.required:
        yield "Required."
    if field.once:
        yield "Set at creation only."
    if field.when:
        code = field.when.__code__
        words = [*code.co_names, *(value for value in code.co_consts if isinstance(value, str))]
        yield f"Only with {' '.join(f'`{word}`' for word in words)} of the company."


def _ways(entity, spec, field, sent, traced):
    """Yield what payload and traces say about the directions."""
    if spec.name == "lines" and payloads.line_paths(entity):
        yield "See the lines below."
    elif not payloads.is_written(entity):
        if field is not None and traced is None:
            yield "Not taken over."
    elif spec.name == "voided" and (code := payloads.refusal(entity, spec.name)):
        yield f"An operation of its own: refused in a payload (`{code}`)."
    elif traced is None:
        yield "Odoo has no place for it: QuickBooks keeps what it has."
    if not sent and field is not None and not field.when and payloads.is_written(entity):
        yield "QuickBooks' own: never sent."
    if not spec.compare:
        yield "Shown, never a difference."


# === LISTS === #


def mapped():
    """Return the table of lists that are mapped, with the rules of the proposals."""
    tree, known = handlers.modules()["propose.py"]
    rules = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "MATCHERS":
            for key, value in zip(node.value.keys, node.value.values, strict=True):
                rules[ast.literal_eval(key)] = value.attr
    rows = [[f"{MODELS.get(model, model)} (`{model}`)", entity, handlers.sentences(
        getattr(matching, rules[entity, model]).__doc__)] for entity, model in known["PAIRS"]]
    text = handlers.sentences(ast.get_docstring(handlers.class_of("propose.py")) or "")
    return "\n".join(["## Lists that are mapped\n", f"{text} Rules: [matching.py](../qbo/matching.py).\n",
                      table(["in Odoo", "in QuickBooks", "proposed"], rows)])


def lists():
    """Return what is read of each list and of the company."""
    text = ["## What is read of lists and of the company\n"]
    for entity in LISTS:
        fields = payloads.table(entity).values()
        text.append(f"- {entity}: " + ", ".join(f"`{field.name}` ({field.path})" for field in fields) + "\n")
    return "".join([text[0], "\n", *text[1:]])


def home(kinds):
    """Return what does not come over, in the words that a person reads."""
    rows = [[handler.entity, direction, sentence] for handler in kinds
            for direction, _kind, sentence in handlers.said(handler, payloads.is_written(handler.entity))]
    return "\n".join([
        "## What stays, waits or crosses with a remark, and why\n",
        "The sentences of the code; words in italics stand for names and figures.\n",
        table(["", "way", "what the record says"], rows)])
