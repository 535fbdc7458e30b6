"""The role of a link between two records, one of which was merged into another."""

MERGED = "merged:"


def merged_role(role, key):
    """Return the role of a further link: of ``role``'s currency, told apart from others by ``key``.

    A partner that was merged in Odoo leaves its QuickBooks customer to the survivor, which has one already (key: the
    QuickBooks id); a customer that was merged in QuickBooks leaves its partner to the customer that survived there
    (key: the id of the partner).
    """
    return f"{MERGED}{stands_for(role)}:{key}"


def is_merged(role):
    """Tell whether a role is that of a further link."""
    return (role or "").startswith(MERGED)


def stands_for(role):
    """Return the plain role (a currency, or '') in whose place a further link stands."""
    return role.split(":", 2)[1] if is_merged(role) else role or ""
