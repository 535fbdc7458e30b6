"""Items on their way in: QuickBooks' products and services become products."""

from odoo import models

from ...qbo import names
from .item import KINDS, MODEL, any_of

# What Odoo does not keep of an item, or spells in its own way: no reason to ask a person at the first link.
ONE_SIDED = frozenset(
    {"name", "kind", "taxable", "parent_id", "asset_account_id", "income_account_id", "expense_account_id"}
)
TYPES = {"Service": "service", "NonInventory": "consu", "Inventory": "consu"}


class QboSyncItemIn(models.AbstractModel):
    _inherit = "qbo.sync.item"

    # === PREPARE === #

    def _prepare(self, session, arrivals):
        """Categories and bundles are no products; they stay in QuickBooks, and the history says why."""
        for arrival in arrivals:
            kind, name = arrival.document.kind, arrival.document.name
            if kind == "Category":
                arrival.stay = self.env._(
                    "%(name)s is a category of QuickBooks; Odoo's products come without it.", name=name
                )
            elif kind == "Group":
                arrival.stay = self.env._(
                    "%(name)s is a bundle of QuickBooks. Its parts are imported; the bundle itself is not, because it "
                    "has no account of its own.",
                    name=name,
                )
            elif kind not in TYPES:
                arrival.stay = self.env._(
                    "%(name)s is of the type %(kind)s, which Odoo does not know.", name=name, kind=kind
                )

    # === MATCH === #

    def _match(self, session, arrivals):
        """Find the product that an unlinked item is: the only free one with its SKU, else the only one of its name."""
        products = self._candidates(session, arrivals)
        by_code, by_name = {}, {}
        for product in products:
            by_code.setdefault(names.key(product.default_code or ""), []).append(product)
            for key in {names.key(self._odoo_name(product)), names.key(names.clean(self._odoo_name(product)))}:
                by_name.setdefault(key, []).append(product)
        found, used = {}, set()
        # Those with a SKU choose first: a code says more than a name.
        for arrival in sorted(arrivals, key=lambda arrival: not arrival.document.sku):
            match = self.env["qbo.sync.stock"]._confirmed(arrival, self._choose(arrival, by_code, by_name))
            if match and match.id not in used:
                used.add(match.id)
                found[arrival.qbo_id] = match
                self._arriving(session)[match.id] = arrival.qbo_id
        return found

    def _choose(self, arrival, by_code, by_name):
        """Return the one product that an arrival is, or None; give the arrival a problem when there is a doubt."""
        sku = names.key(arrival.document.sku)
        same_code = by_code.get(sku, []) if sku else []
        same_name = by_name.get(names.key(arrival.document.name), [])
        # A product of that name with another code is another product.
        same_name = [product for product in same_name if not sku or not product.default_code]
        for candidates in (same_code, same_name):
            if len(candidates) == 1:
                return candidates[0]
            if candidates:
                arrival.problem = (
                    "ambiguous",
                    self.env._(
                        "%(count)s products could be the item '%(name)s' of QuickBooks. Link the right one by hand.",
                        count=len(candidates),
                        name=arrival.document.name,
                    ),
                )
                return None
        return None

    def _candidates(self, session, arrivals):
        """Return the unlinked products of this company with the SKU or the name of an arrival."""
        by_code = any_of("default_code", {arrival.document.sku for arrival in arrivals if arrival.document.sku})
        by_name = any_of(
            "product_tmpl_id.name", {arrival.document.name for arrival in arrivals if arrival.document.name}
        )
        products = session.env[MODEL].search(
            [
                ("type", "in", list(KINDS)),
                ("company_id", "in", [False, *session.backend._companies().ids]),
                "|",
                *by_code,
                *by_name,
            ]
        )
        linked = {link["res_id"] for link in self._links(session, products.ids) if link["qbo_id"]}
        return products.filtered(lambda product: product.id not in linked)

    def _link_ignore(self, session, ours, theirs):
        """Return the fields in which the two sides need not agree at their first link."""
        return ONE_SIDED | ({"sku"} if names.key(ours.sku) == names.key(theirs.sku) else set())

    # === CREATE === #

    def _create_records(self, session, arrivals):
        values = [self._create_values(session, arrival) for arrival in arrivals]
        products = (
            session.env[MODEL]
            .with_context(
                tracking_disable=not session.backend.company_id.restrictive_audit_trail, mail_create_nosubscribe=True
            )
            .create(values)
        )
        for arrival, product in zip(arrivals, products, strict=True):
            arrival.record = product
            self._arriving(session)[product.id] = arrival.qbo_id

    def _create_values(self, session, arrival):
        """Return the values of a new product; the company's default taxes stay, unless it is not taxable."""
        document = arrival.document
        values = {
            "name": document.name,
            "type": TYPES[document.kind],
            "sale_ok": True,
            "purchase_ok": bool(document.expense_account_id),
            **self._plain_values(
                session,
                arrival,
                (
                    "sku",
                    "description",
                    "unit_price",
                    "purchase_description",
                    "purchase_cost",
                    "income_account_id",
                    "expense_account_id",
                ),
            ),
        }
        if document.taxable is False:
            values["taxes_id"] = []
        if not document.active:
            values["active"] = False
        return values

    # === UPDATE === #

    def _update(self, session, arrival):
        """Write the fields that QuickBooks changed. Name and texts are the template's: they change for all variants."""
        product, fields = arrival.record, set(arrival.fields)
        values = self._plain_values(session, arrival, arrival.fields, product)
        if "name" in fields:
            self._update_name(arrival, values)
        if "kind" in fields and arrival.document.kind in TYPES and TYPES[arrival.document.kind] != product.type:
            values["type"] = TYPES[arrival.document.kind]
        if "active" in fields:
            # Through the actions: the template follows its last variant.
            (product.action_unarchive if arrival.document.active else product.action_archive)()
        product.write(values)

    def _update_name(self, arrival, values):
        """A name that QuickBooks changed is the template's, without brackets that stand for code or variant."""
        product, name = arrival.record, arrival.document.name
        plain = self._odoo_name(product)
        if plain != product.name:
            arrival.warning = self.env._(
                "QuickBooks calls this variant '%(qbo)s' now. The name in Odoo is that of all variants: '%(odoo)s'.",
                qbo=name,
                odoo=plain,
            )
            return
        code = f"[{product.default_code}] " if product.default_code else ""
        values["name"] = name.removeprefix(code) or name

    def _plain_values(self, session, arrival, fields, product=None):
        """Return the values of those of ``fields`` that are one field of a product; prices are in company currency."""
        document, values = arrival.document, {}
        texts = (
            ("sku", "default_code"),
            ("description", "description_sale"),
            ("purchase_description", "description_purchase"),
        )
        for name, column in texts:
            if name in fields:
                values[column] = getattr(document, name) or False
        if "unit_price" in fields:
            values["lst_price"] = float(document.unit_price)
        if "purchase_cost" in fields and not (product and self._stocked(product)):
            values["standard_price"] = float(document.purchase_cost)
        for name, column in (
            ("income_account_id", "property_account_income_id"),
            ("expense_account_id", "property_account_expense_id"),
        ):
            account = name in fields and session.resolver.inn(
                "Account", getattr(document, name), "account.account", required=False
            )
            if account:
                values[column] = account.id
        return values

    # === REMOVE === #

    def _remove(self, session, binding, operation):
        """QuickBooks deletes no items but merges them: the product stays, with its documents."""
        product = binding._record()
        return self.env._(
            "The item %(name)s is gone from QuickBooks (deleted, or merged with another). The product stays in Odoo; "
            "relink it to the item that took its place, or clear its ID to create it again.",
            name=product.display_name or binding.qbo_id,
        )
