"""Postal addresses between Odoo's fields and the neutral form."""

from babel.core import get_global

from ...qbo import names
from ...qbo.documents import Address

FIELDS = ("street", "street2", "city", "zip", "state_id", "country_id")

# QuickBooks has five street lines, Odoo two. The third and further ones share `street2`, joined by a comma and a line
# break: it reads well in a one-line input, and splits again into the same lines. An ordinary comma does not split.
_JOINT = ", \n"

# Names in common use that neither Odoo nor the country tables know.
_COMMON_NAMES = {
    "u.s.": "US",
    "u.s.a.": "US",
    "united states of america": "US",
    "great britain": "GB",
    "england": "GB",
    "scotland": "GB",
    "wales": "GB",
    "northern ireland": "GB",
    "holland": "NL",
    "korea": "KR",
    "south korea": "KR",
    "russia": "RU",
    "viet nam": "VN",
    "czech republic": "CZ",
}


class Postal:
    """Translates addresses with the countries and states of one database, which are read once.

    QuickBooks keeps region and country as free text: a state code or a name, an ISO code of two or three letters or a
    name. Odoo's states and countries are written as their codes. What cannot be recognised is kept behind the city, so
    that nothing is lost.
    """

    def __init__(self, env, home_country):
        self.home = home_country.id
        countries = env["res.country"].search_read([], ["code", "name"], load=None)
        self._country_code = {row["id"]: row["code"] for row in countries}
        by_code = {row["code"]: row["id"] for row in countries if row["code"]}
        english = env["res.country"].with_context(lang="en_US").search_read([], ["name"], load=None)
        self._countries = {names.key(row["name"]): row["id"] for row in [*countries, *english]}
        for alias, codes in get_global("territory_aliases").items():
            if len(codes) == 1 and codes[0] in by_code and alias.isalpha():
                self._countries.setdefault(names.key(alias), by_code[codes[0]])
        self._countries.update({names.key(code): country_id for code, country_id in by_code.items()})
        self._countries.update({name: by_code[code] for name, code in _COMMON_NAMES.items() if code in by_code})
        states = env["res.country.state"].search_read([], ["code", "name", "country_id"], load=None)
        self._state_code = {row["id"]: row["code"] for row in states}
        self._states = {}
        for key in ("name", "code"):
            for row in states:
                self._states[row["country_id"], names.key(row[key])] = row["id"]

    def out(self, row):
        """Return the :class:`Address` of ``row``, a mapping with :data:`FIELDS` (ids for state and country)."""
        street2 = row["street2"] or ""
        lines = [row["street"] or "", *street2.split(_JOINT)]
        return Address(
            lines=tuple(line for line in (" ".join(line.split()) for line in lines) if line),
            city=(row["city"] or "").strip(),
            region=self._state_code.get(row["state_id"], ""),
            postal_code=(row["zip"] or "").strip(),
            country=self._country_code.get(row["country_id"], "") or "",
        )

    def into(self, address):
        """Return the values of all :data:`FIELDS`, so that parts which ``address`` has not are cleared."""
        country_id = self._countries.get(names.key(address.country)) if address.country else None
        state_id = self._state(address.region, country_id, has_country=bool(address.country))
        if state_id and not country_id:
            country_id = self.home
        unknown = [
            text for text, found in ((address.region, state_id), (address.country, country_id)) if text and not found
        ]
        return {
            "street": address.lines[0] if address.lines else False,
            "street2": _JOINT.join(address.lines[1:]) or False,
            "city": ", ".join(part for part in (address.city, *unknown) if part) or False,
            "zip": address.postal_code or False,
            "state_id": state_id or False,
            "country_id": country_id or False,
        }

    def _state(self, region, country_id, has_country):
        """Return the state that ``region`` means; without any country, a state of the company's own."""
        if not region or (has_country and not country_id):
            return None
        return self._states.get((country_id or self.home, names.key(region)))

    def same(self, ours, theirs):
        """Tell whether two addresses are the same place: by what Odoo would store, without regard to case.

        A country that only one side names makes no difference.
        """
        first, second = self.into(ours), self.into(theirs)
        if not ours.country or not theirs.country:
            first["country_id"] = second["country_id"] = False
        return _folded(first) == _folded(second)


def _folded(values):
    return {name: names.key(value) if isinstance(value, str) else value for name, value in values.items()}
