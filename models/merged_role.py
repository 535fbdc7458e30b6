"""The role of a further link: of a record, or an object, that was merged into another on one side only.

A partner that was merged in Odoo leaves its QuickBooks customer to the survivor, who has one already: that is a further
*object* of the survivor. A customer that was merged in QuickBooks leaves its partner to the customer that survived
there: that partner is a *guest* of an object that another record holds.
"""

MERGED = "merged:"


def object_role(role, qbo_id):
    """Return the role of a further object ``qbo_id``, beside one that the record has in ``role`` (a currency)."""
    return f"{MERGED}{stands_for(role)}:q{qbo_id}"


def guest_role(role, res_id):
    """Return the role of record ``res_id`` as a guest, in the place of ``role`` (a currency)."""
    return f"{MERGED}{stands_for(role)}:r{res_id}"


def is_merged(role):
    """Tell whether a role is that of a further link."""
    return (role or "").startswith(MERGED)


def is_guest(role):
    """Tell whether a role is that of a record whose object another record holds."""
    return is_merged(role) and role.rpartition(":")[2].startswith("r")


def rank(role):
    """Return 0 for a plain link, 1 for a further object, 2 for a guest: of two links to one object the lower stays."""
    return is_merged(role) + is_guest(role)


def stands_for(role):
    """Return the plain role (a currency, or '') in whose place a further link stands."""
    return role.split(":", 2)[1] if is_merged(role) else role or ""
