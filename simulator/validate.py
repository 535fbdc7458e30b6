"""Check a request body against the schema table and normalise it: types, lengths, unknown properties, empty strings."""

from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal, InvalidOperation
from typing import Any

from simulator.clock import parse_date
from simulator.errors import Fault, bad_id, need
from simulator.money import Json, money, plain
from simulator.schema import FACTS, TYPE_FIELDS, Entity, Field, is_id

CLASSES: dict[str, str] = FACTS["class_of_type"]
LARGEST = Decimal("99999999999.99999")
DEEPEST = 60


def unknown(name: str, owner: str, names: list[str]) -> Fault:
    """Return the 2010 fault with the recorded text."""
    shown = ", ".join(f'"{item}"' for item in names[:64])
    cut = " [truncated]" if len(names) > 64 else ""
    return Fault("2010", f'Property Name:Unrecognized field "{name}" (class com.intuit.schema.finance.v3.'
                 f'{CLASSES.get(owner, owner)}), not marked as ignorable ({len(names)} known properties: {shown}{cut}])'
                 "\n specified is unsupported or invalid")


def bad_value(name: str, value: Any) -> Fault:
    """Return the fault for a value of the wrong JSON type."""
    return Fault("2010", f'Property Name:Can not deserialize value "{str(value)[:80]}" of property {name} specified is '
                 "unsupported or invalid")


def clean(entity: Entity, payload: Json) -> Json:
    """Return the payload with known properties only, converted to their types.

    Empty strings and nulls count as absent; an object that is empty after that stays as ``{}``.

    Raises:
        Fault: 2010, 2020, 2030, 2050, 2060, 2110, 2140 or 2170.
    """
    _check_depth(payload)
    result = _clean_fields(entity.name, entity.fields, payload)
    for key in ("Id", "SyncToken"):
        if key in result and not is_id(result[key].removeprefix("-")) and result[key] not in FACTS["pseudo_tax_codes"]:
            raise bad_id(result[key])
    return result


def _check_depth(payload: Json) -> None:
    """Refuse what is nested deeper than anything that the service knows."""
    layer: list[Any] = [payload]
    for _level in range(DEEPEST):
        layer = [value for item in layer for value in (item.values() if isinstance(item, dict) else item)
                 if isinstance(value, dict | list)]
        if not layer:
            return
    raise Fault("2010", "Property Name:The request is nested too deeply specified is unsupported or invalid")


def _clean_fields(owner: str, fields: dict[str, Field], payload: Json) -> Json:
    result: Json = {}
    for name, value in payload.items():
        rule = fields.get(name)
        if rule is None:
            raise unknown(name, owner, list(fields))
        if value is not None and value != "":
            result[name] = CONVERT[rule.kind](rule, value)
    return result


def _any(rule: Field, value: Any) -> Any:
    """Keep what is sent; inside it, too, what the service gives as objects are objects."""
    if isinstance(value, dict):
        return {key: _any(Field(key, "any"), part) for key, part in value.items()}
    objects = isinstance(value, list) and all(isinstance(part, dict) for part in value)
    if (rule.name.endswith(("Detail", "Ref")) or rule.name in ("Line", "CustomField")) and not objects:
        raise bad_value(rule.name, value)
    return [_any(Field("", "any"), part) for part in value] if isinstance(value, list) else value


def _text(rule: Field, value: Any) -> str:
    if isinstance(value, dict | list):
        raise bad_value(rule.name, value)
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if rule.limit and len(text) > rule.limit:
        raise Fault("2050", rule.name, rule.limit, len(text), element=rule.name)
    if rule.name == "Address" and rule.limit == 100:
        _check_email(text)
    return text


def _check_email(text: str) -> None:
    for part in text.split(","):
        local, at, host = part.strip().partition("@")
        if not (local and at and "." in host and " " not in host):
            raise Fault("2140", text, element="Address")


def _flag(rule: Field, value: Any) -> bool:
    if str(value).lower() not in ("true", "false"):
        raise bad_value(rule.name, value)
    return str(value).lower() == "true"


def _decimal(rule: Field, value: Any) -> Decimal:
    if isinstance(value, bool | dict | list):
        raise bad_value(rule.name, value)
    with suppress(InvalidOperation):
        number = Decimal(str(value))
        if number.is_finite() and abs(number) <= LARGEST:
            return number
    raise Fault("2110", value, element=rule.name)


def _number(rule: Field, value: Any) -> Decimal | int:
    number = _decimal(rule, value)
    if number.as_tuple().exponent < -7:  # type: ignore[operator]
        number = number.quantize(Decimal("0.0000001"))
    return plain(number)


def _whole(rule: Field, value: Any) -> int:
    number = _decimal(rule, value)
    least, _, most = rule.target.partition("-")
    if number % 1 or (most and not int(least) <= number <= int(most)):
        raise Fault("2040", value, element=rule.name)
    return int(number)


def _date(rule: Field, value: Any) -> str:
    try:
        return parse_date(str(value)).isoformat()
    except ValueError:
        raise Fault("2060", value, element=rule.name) from None


def _word(rule: Field, value: Any) -> str:
    if value not in rule.target.split("|"):
        raise Fault("2170", f"{rule.name} : {value}", element=rule.name)
    return str(value)


def _reference(rule: Field, value: Any) -> Json:
    reference = _object(Field(rule.name, "object", target="Ref"), value)
    return reference if reference.get("value") else {}


def _object(rule: Field, value: Any) -> Json:
    if not isinstance(value, dict):
        raise bad_value(rule.name, value)
    return _clean_fields(rule.target, TYPE_FIELDS[rule.target], value)


def _list(rule: Field, value: Any) -> list[Json]:
    if isinstance(value, dict):
        value = [value]
    if not isinstance(value, list):
        raise bad_value(rule.name, value)
    return [_object(rule, item) for item in value]


CONVERT: dict[str, Callable[[Field, Any], Any]] = {
    "str": _text, "bool": _flag, "money": lambda rule, value: money(_decimal(rule, value)), "number": _number,
    "int": _whole, "date": _date, "any": _any, "enum": _word, "ref": _reference, "object": _object, "list": _list}


def require(entity: Entity, body: Json) -> None:
    """Check that the required properties are there.

    Raises:
        Fault: 2020, one error for each missing property.
    """
    need(body, *(rule.name for rule in entity.fields.values() if rule.required))
