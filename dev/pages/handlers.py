"""What the handlers in models/sync say about fields, read from their source: nothing is imported, no database needed.

Out: which columns of Odoo the value of a neutral field is made from. In: which columns a neutral field is written to.
The trace follows local variables, arguments and methods of the handler; a docstring that it passes is a remark.
"""

import ast
import functools
import re
from dataclasses import dataclass, field

from room import places

SYNC = places.ROOT / "models" / "sync"
DEPTH = 4
# Names that hold no record of Odoo: what is read from them is no column.
PLUMBING = {
    "self", "session", "target", "reading", "link", "base", "facts", "values", "fields", "arrival", "document",
    "theirs", "ours", "wanted", "reference", "postal",
}
MODULES = {"dataclasses", "decide", "documents", "names", "tools"}
# What the rows of ``read`` and ``search_read`` are called.
ROWS = {"row", "line"}
NO_COLUMNS = {"id", "ids", "env", "name_search", "role", "display_name"}


@dataclass
class Trace:
    """Columns (or neutral fields) in the order in which they were met, and the docstrings on the way."""

    names: dict = field(default_factory=dict)
    notes: dict = field(default_factory=dict)

    def add(self, other):
        self.names.update(other.names)
        self.notes.update(other.notes)
        return self


@dataclass
class Handler:
    """One handler: its methods and simple class attributes, those of the handlers that it inherits from included."""

    model: str
    attributes: dict
    methods: dict
    doc: str = ""

    @property
    def entity(self):
        return self.attributes.get("_qbo_entity", "")


def constants(tree):
    """Return {name: value} of the module's plain constants."""
    found = {}
    for node in tree.body:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                found.update(_constant(target, node.value, found))
    return found


def _constant(target, value, known):
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        return {name: one for part, given in zip(target.elts, value.elts, strict=True)
                for name, one in _constant(part, given, known).items()}
    if isinstance(target, ast.Name):
        plain = evaluate(value, known)
        return {} if plain is None else {target.id: plain}
    return {}


def evaluate(node, known):
    """Return the value of a literal, of a constant's name or of a frozenset of literals; None when it is another."""
    if isinstance(node, ast.Name):
        return known.get(node.id)
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "frozenset" and node.args:
        node = node.args[0]
    try:
        return ast.literal_eval(node)
    except ValueError:
        return None


@functools.cache
def modules():
    """Return {file name: (tree, constants)} of the folder."""
    trees = {path.name: ast.parse(path.read_text()) for path in sorted(SYNC.glob("*.py"))}
    for name, tree in trees.items():
        for node in ast.walk(tree):
            node.file = name
    return {name: (tree, constants(tree)) for name, tree in trees.items()}


def address_columns():
    """Return the columns of a postal address."""
    return modules()["postal.py"][1]["FIELDS"]


@functools.cache
def handlers():
    """Return {entity: Handler} of all handlers that carry an entity."""
    parts = {}
    for tree, known in modules().values():
        for node in [node for node in tree.body if isinstance(node, ast.ClassDef)]:
            own = _attributes(node, known)
            name = own.get("_name") or own.get("_inherit")
            parts.setdefault(name, []).append((own, node))
    merged = {name: _merge(name, parts) for name in parts if isinstance(name, str)}
    return {handler.entity: handler for handler in merged.values() if handler.entity}


def _attributes(node, known):
    return {target.id: evaluate(part.value, known) for part in node.body if isinstance(part, ast.Assign)
            for target in part.targets if isinstance(target, ast.Name)}


def _merge(name, parts, seen=()):
    handler = Handler(name, {}, {})
    for own, _node in parts.get(name, ()):
        above = own.get("_inherit")
        if own.get("_name") and isinstance(above, str) and above in parts and above not in seen:
            inherited = _merge(above, parts, (*seen, name))
            handler.attributes.update(inherited.attributes)
            handler.methods.update(inherited.methods)
    for own, node in parts.get(name, ()):
        handler.attributes.update(own)
        _add_methods(handler.methods, [part for part in node.body if isinstance(part, ast.FunctionDef)])
        handler.doc = handler.doc or ast.get_docstring(node) or ""
    return handler


def _add_methods(methods, parts):
    """Add what a file of the handler defines; what it extends with ``super()`` still does its part."""
    for part in parts:
        extended = methods.get(part.name)
        if extended is not None and f"super().{part.name}(" in ast.unparse(part):
            methods[f"{part.name} of {extended.file}, {extended.lineno}"] = extended
        methods[part.name] = part


def sentences(text):
    """Return a docstring as one line, without its parameters."""
    plain = re.split(r":param|:return|:raise", text)[0].replace("``", "`")
    words = " ".join(plain.split()).removeprefix("Return ")
    return words[:1].upper() + words[1:]


# === OUT === #


def out_fields(handler, names, line_names):
    """Return {(part, neutral field): Trace}: ``part`` is "" for the document, "line" for its lines."""
    found = {}
    for method in handler.methods.values():
        for node in ast.walk(method):
            for part, key, value in _neutral_values(node, names, line_names):
                trace = Tracer(handler, columns_of).trace(value, method)
                if not isinstance(value, ast.Constant):
                    found.setdefault((part, key), Trace()).add(trace)
    return found


def _neutral_values(node, names, line_names):
    """Yield (part, field, expression) of what makes a neutral form: its constructor, or a dictionary of its fields."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr[:1].isupper() \
            and getattr(node.func.value, "id", "") == "documents":
        line = node.func.attr.endswith("Line")
        for keyword in node.keywords:
            if keyword.arg in (line_names if line else names):
                yield "line" if line else "", keyword.arg, keyword.value
    elif isinstance(node, ast.Dict):
        keys = [key.value for key in node.keys if isinstance(key, ast.Constant)]
        if keys and set(keys) <= names:
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant):
                    yield "", key.value, value


def columns_of(node):
    """Return the column that a node reads from a record: ``row["x"]`` or ``record.x``; None when it reads none."""
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id in ROWS:
        key = node.slice.value if isinstance(node.slice, ast.Constant) else None
        return key if isinstance(key, str) and key not in NO_COLUMNS else None
    if isinstance(node, ast.Attribute):
        path = dotted(node)
        if path and path[0] not in PLUMBING | MODULES and path[1] not in NO_COLUMNS and path[1][0] != "_":
            return path[1]
    return None


def dotted(node):
    """Return the names of ``a.b.c``, or None when it does not begin with a name."""
    path = []
    while isinstance(node, ast.Attribute):
        path.insert(0, node.attr)
        node = node.value
    return [node.id, *path] if isinstance(node, ast.Name) else None


class Tracer:
    """Follows an expression back to what it reads; ``reads`` says what counts."""

    def __init__(self, handler, reads):
        self.handler, self.reads = handler, reads
        self.seen = set()
        # {method: (call, caller)}: what its parameters are, as long as it was reached by a call.
        self.calls = {}

    def trace(self, node, method, depth=0):
        trace = Trace()
        if isinstance(node, (ast.Lambda, ast.comprehension)) or depth > DEPTH:
            return trace
        name = self.reads(node)
        if name:
            return self._read(name, node, method, depth)
        if isinstance(node, ast.IfExp):
            # What is tested is a condition, not a part of the value.
            return self.trace(node.body, method, depth).add(self.trace(node.orelse, method, depth))
        if isinstance(node, ast.Subscript) and getattr(node.value, "id", "") == "values":
            return trace
        if isinstance(node, ast.Call):
            return self._call(node, method, depth)
        if isinstance(node, ast.Name):
            return self._variable(node.id, method, depth)
        for child in ast.iter_child_nodes(node):
            trace.add(self.trace(child, method, depth))
        return trace

    def _read(self, name, node, method, depth):
        """Return what was read; ``currency.name`` is the column that the record itself came from."""
        if name == "name" and isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            trace = self._variable(node.value.id, method, depth + 1)
            if trace.names:
                return Trace(trace.names)
        return Trace({name: True})

    def _call(self, node, method, depth):
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if called == "_":
            return Trace()
        if called == "out" and "ostal" in ast.dump(node.func):
            return Trace(dict.fromkeys(address_columns(), True))
        own = self._own_method(node.func)
        trace = self._through(own, node, method, depth) if own is not None else Trace()
        if own is None and isinstance(node.func, ast.Attribute):
            # What the docstring there says is said of the object, not of the value.
            trace.add(Trace(self.trace(node.func.value, method, depth).names))
        if called == "getattr" and isinstance(node.args[1], ast.Constant):
            path = ast.Attribute(node.args[0], node.args[1].value)
            return self.trace(path, method, depth)
        # Of money the currency only says how many decimals it has.
        if called == "money":
            return self.trace(node.args[0], method, depth)
        if own is None or not trace.names:
            for argument in [*node.args, *(keyword.value for keyword in node.keywords)]:
                trace.add(self.trace(argument, method, depth))
        return trace

    def _through(self, own, node, method, depth):
        """Trace what a method of the handler returns; what its docstring says is said of the value."""
        before = self.calls.get(own)
        self.calls[own] = (node, method)
        trace = self._returns(own, depth + 1)
        self.calls[own] = before
        text = ast.get_docstring(own)
        if text and depth == 0:
            trace.notes = {sentences(text): True, **trace.notes}
        return trace

    def _own_method(self, func):
        """Return the method that ``self._x`` or ``session.handler("Entity")._x`` means."""
        if not isinstance(func, ast.Attribute):
            return None
        if isinstance(func.value, ast.Name) and func.value.id == "self":
            return self.handler.methods.get(func.attr)
        if isinstance(func.value, ast.Call) and getattr(func.value.func, "attr", "") == "handler" and func.value.args:
            other = handlers().get(getattr(func.value.args[0], "value", ""))
            return other.methods.get(func.attr) if other else None
        return None

    def _returns(self, method, depth):
        trace = Trace()
        if method in self.seen:
            return trace
        self.seen.add(method)
        for node in ast.walk(method):
            if isinstance(node, ast.Return) and node.value is not None:
                trace.add(self.trace(node.value, method, depth))
        return trace

    def _variable(self, name, method, depth):
        trace = Trace()
        if name in PLUMBING or (method, name) in self.seen or depth > DEPTH:
            return trace
        self.seen.add((method, name))
        for node in ast.walk(method):
            if isinstance(node, ast.Assign) and any(name in _names(target) for target in node.targets):
                trace.add(self.trace(_part(node, name), method, depth))
        parameters = [argument.arg for argument in method.args.args]
        if name in parameters:
            trace.add(self._argument(method, parameters.index(name) - 1, depth))
        return trace

    def _argument(self, called, position, depth):
        """Trace what callers give for a parameter (``self`` not counted)."""
        trace = Trace()
        if self.calls.get(called):
            node, method = self.calls[called]
            return self.trace(node.args[position], method, depth) if position < len(node.args) else trace
        for method in self.handler.methods.values():
            for node in ast.walk(method):
                if isinstance(node, ast.Call) and self._is_call(node, called.name) and position < len(node.args):
                    trace.add(self.trace(node.args[position], method, depth))
        return trace

    def _is_call(self, node, called):
        return isinstance(node.func, ast.Attribute) and node.func.attr == called \
            and getattr(node.func.value, "id", "") == "self"


def _names(target):
    return {node.id for node in ast.walk(target) if isinstance(node, ast.Name)}


def _part(node, name):
    """Return what is assigned to ``name``: of ``a, b = x, y`` its own part."""
    target = node.targets[0]
    if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
        return next(value for part, value in zip(target.elts, node.value.elts, strict=True) if name in _names(part))
    return node.value


# === IN === #


def in_fields(handler, names, line_names):
    """Return {(part, neutral field): Trace} with the columns of Odoo that an arrival is written to."""
    known, found = names | line_names, {}
    parts = _parts(handler)
    for method in handler.methods.values():
        if method.name in parts:
            continue
        for column, trace in _written(handler, method, known):
            for name in trace.names:
                part = "line" if name in line_names and (name not in names or _about_lines(method)) else ""
                kept = found.setdefault((part, name), Trace())
                kept.names[column] = True
                # What is said of a value that several fields make is said of none of them.
                kept.notes.update(trace.notes if len(trace.names) == 1 else {})
    return found


def _about_lines(method):
    return any(argument.arg == "line" for argument in method.args.args)


def _written(handler, method, known):
    """Yield (column, Trace of neutral fields) for each value that a method puts into columns of Odoo."""
    def reads(node):
        path = dotted(node) if isinstance(node, ast.Attribute) else None
        holder = path[-2] if path and len(path) > 1 else ""
        return path[-1] if holder in ("document", "line") and path[-1] in known else None

    for node in ast.walk(method):
        for column, value in _columns(node):
            trace = Tracer(handler, reads).trace(value, method)
            if trace.names:
                yield column, trace
        for name, column in _pairs(node):
            if name in known:
                yield column, Trace({name: True})
        if isinstance(node, ast.If):
            yield from _conditional(node, known, reads)


def _parts(handler):
    """Return the methods whose dictionary is the value of one column, not a set of columns."""
    return {
        node.value.func.attr for method in handler.methods.values() for node in ast.walk(method)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript)
        and isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Attribute)}


def _pairs(node):
    """Yield the (neutral field, column) of a table: a tuple of pairs of words."""
    rows = node.elts if isinstance(node, ast.Tuple) else []
    table = [evaluate(row, {}) for row in rows if isinstance(row, ast.Tuple)]
    if table and len(table) == len(rows) and all(
            row and len(row) == 2 and all(isinstance(word, str) for word in row) for row in table):
        yield from table


def _columns(node):
    """Yield (column, expression) of a dictionary of values, of ``values[...] = x`` and of ``values.update(x=...)``."""
    if isinstance(node, ast.Dict):
        yield from _columns_of_dictionary(node)
    elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
        target = node.targets[0]
        if getattr(target.value, "id", "") in ("values", "line") and isinstance(target.slice, ast.Constant):
            yield target.slice.value, node.value
    elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("update", "write"):
        yield from ((keyword.arg, keyword.value) for keyword in node.keywords if keyword.arg)
        yield from (("address", argument) for argument in node.args if _is_address(argument))


def _columns_of_dictionary(node):
    words = [key.value if isinstance(key, ast.Constant) else None for key in node.keys]
    # Rows of our own tables are no columns of the record.
    if "backend_id" in words:
        return
    for key, word, value in zip(node.keys, words, node.values, strict=True):
        if isinstance(word, str):
            yield word, value
        elif key is None and _is_address(value):
            yield "address", value


def _is_address(node):
    return isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "into"


def _conditional(node, known, reads):
    """Yield columns that are set because a field changed: ``if "active" in fields: values["active"] = ...``."""
    named = {part.left.value for part in ast.walk(node.test) if isinstance(part, ast.Compare)
             and isinstance(part.left, ast.Constant) and part.left.value in known}
    named |= {name for part in ast.walk(node.test) if (name := reads(part))}
    for statement in node.body:
        for column, _value in _columns(statement):
            for name in named:
                yield column, Trace({name: True})


# === SENTENCES === #


def said(handler, goes_out=True):
    """Return [(direction, when, sentence)]: why a record stays, waits for a person, or crosses with a remark.

    :param goes_out: off for a kind that only comes in
    """
    found = {}
    for method in handler.methods.values():
        direction = "→" if goes_out and not method.file.endswith("_in.py") else "←"
        for kind, node in _outcomes(method):
            for text in _texts(node):
                found[direction, kind, text] = True
    return sorted(found, key=lambda row: (row[0] != "→", row[1]))


def _outcomes(method):
    """Yield (kind, expression) of what a method says about a record: ``x.stay = ...``, ``return code, sentence``."""
    for node in ast.walk(method):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Attribute):
            if node.targets[0].attr in ("stay", "problem", "note", "warning"):
                yield node.targets[0].attr, node.value
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Reading":
            yield from ((keyword.arg, keyword.value) for keyword in node.keywords if keyword.arg == "stay")
        elif isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple):
            yield "problem", node.value
        elif isinstance(node, ast.Return) and method.name == "_nothing_in":
            yield "stay", node.value


def _texts(node):
    for part in ast.walk(node):
        if isinstance(part, ast.Call) and getattr(part.func, "attr", "") == "_" and part.args:
            text = evaluate(part.args[0], {})
            if isinstance(text, str):
                yield " ".join(re.sub(r"%\((\w+)\)[.\d]*[a-z]", lambda found: f"*{found.group(1)}*", text).split())


# === PARTS OF MODULES === #


def constant(file, name):
    """Return a constant of one module of the folder."""
    return modules()[file][1][name]


def class_of(file):
    """Return the first class of a module."""
    return next(node for node in modules()[file][0].body if isinstance(node, ast.ClassDef))


def model_of(handler, known):
    """Return the model that a handler of one model is about: the ``MODEL`` of its module, else what its code names."""
    model = modules()[handler.methods["_read"].file][1].get("MODEL", "")
    named = [node.value for method in handler.methods.values() for node in ast.walk(method)
             if isinstance(node, ast.Constant) and node.value in known and method.file != "base.py"]
    return model or next(iter(named), "")
