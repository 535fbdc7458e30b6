"""Items: product variants of Odoo, products and services of QuickBooks."""

import dataclasses
import re
from decimal import Decimal

from odoo import models
from odoo.tools import SQL

from ...qbo import documents, names
from .customer import SALES_TYPES, agreed
from .session import Reading, Target

ENTITY, MODEL = "Item", "product.product"
# A new item never keeps stock in QuickBooks: both systems would book the cost of goods sold.
KINDS = {"service": "Service", "consu": "NonInventory"}


def any_of(field, texts):
    """Return the domain of records whose ``field`` is one of ``texts``, without regard to case."""
    # Backslash, % and _ mean something in a pattern.
    patterns = [re.sub(r"([\\\\%_])", r"\\\1", text) for text in sorted(texts)]
    return (
        ["|"] * (len(patterns) - 1) + [(field, "=ilike", pattern) for pattern in patterns]
        if patterns
        else [("id", "=", 0)]
    )


class QboSyncItem(models.AbstractModel):
    """One variant is one item. A reading depends on Odoo alone; of the rest QuickBooks keeps what it has."""

    _name = "qbo.sync.item"
    _inherit = "qbo.sync.entity"
    _description = "QuickBooks Sync of Products"

    _qbo_entity = ENTITY

    # === SCOPE === #

    def _targets(self, session, model, ids):
        """Return linked products, and those not linked that are sold, or that posted sales documents name."""
        if model not in (MODEL, "product.template"):
            return []
        field = "id" if model == MODEL else "product_tmpl_id"
        products = session.env[MODEL].with_context(active_test=False).search([(field, "in", list(ids))])
        known = set(products.ids) | (set(ids) if model == MODEL else set())
        linked = {link["res_id"] for link in self._links(session, known) if link["qbo_id"]}
        fresh = products.filtered(
            lambda product: product.active and product.type in KINDS and product.id not in linked
            and not product.qbo_by_account)
        if session.backend.item_scope == "all":
            wanted = set(fresh.filtered("sale_ok").ids)
        else:
            wanted = self._used(session, fresh.ids)
        return [Target(ENTITY, MODEL, product_id) for product_id in sorted(linked | wanted)]

    def _used(self, session, ids):
        """Return those of the given products that posted sales documents name, from the start date of invoices on."""
        if not ids:
            return set()
        domain = [
            ("product_id", "in", ids),
            ("parent_state", "=", "posted"),
            ("move_id.move_type", "in", SALES_TYPES),
            ("company_id", "in", session.backend._companies().ids),
        ]
        cutoff = session.policies["Invoice"].cutoff_date if "Invoice" in session.policies else False
        if cutoff:
            domain.append(("invoice_date", ">=", cutoff))
        return {product.id for [product] in session.env["account.move.line"]._read_group(domain, ["product_id"])}

    def _scan_ids(self, session, since):
        """Return variants whose own row or template was written: fields of the template change no variant's row."""
        domain = [("sale_ok", "=", True)]
        if since:
            domain += ["|", ("write_date", ">=", since), ("product_tmpl_id.write_date", ">=", since)]
        ids = set(session.env[MODEL].with_context(active_test=False)._search(domain))
        return [(MODEL, sorted(ids | (set() if since else {link["res_id"] for link in self._links(session, None)})))]

    # === OUT === #

    def _read(self, session, targets):
        ids = [target.res_id for target in targets]
        products = {
            product.id: product
            for product in session.env[MODEL].with_context(active_test=False).search([("id", "in", ids)])
        }
        links = {link["res_id"]: link for link in self._links(session, ids)}
        taken = self._taken_names(session, list(products.values()), links)
        return {
            target: self._read_one(session, target, products.get(target.res_id), links.get(target.res_id), taken)
            for target in targets
        }

    def _read_one(self, session, target, product, link, taken):
        if product is None:
            return self._read_deleted(target, link)
        reading = Reading(target, name=self.env._("Product %(name)s", name=product.display_name))
        linked = (link and link["qbo_id"]) or self._arriving(session).get(product.id, "")
        reading.problem = self._hindrance(product, linked)
        if reading.problem:
            return reading
        income_id, expense_id = self._accounts(session, product, link, linked)
        reading.needs += session.resolver.take_needs()
        if not linked and not income_id and not reading.needs:
            reading.problem = (
                "no_income_account",
                self.env._(
                    "%(name)s has no income account, nor has its category. Set one: QuickBooks needs it.",
                    name=product.display_name,
                ),
            )
            return reading
        name = self._item_name(product, link, product.id in taken)
        if name != self._odoo_name(product):
            reading.name = self.env._(
                "Product %(name)s (in QuickBooks: %(cleaned)s)", name=product.display_name, cleaned=name
            )
        reading.document = self.env["qbo.sync.stock"]._kept(
            session, product, self._document(session, product, name, income_id, expense_id),
            agreed(ENTITY, link) if linked else None)
        return reading

    def _read_deleted(self, target, link):
        """A product that was deleted becomes an inactive item: QuickBooks deletes no items."""
        if not link or not link["qbo_id"]:
            return Reading(target, gone="delete")
        base = agreed(ENTITY, link)
        if base is None:
            return Reading(target, stay=self.env._("The product was deleted in Odoo."))
        return Reading(
            target,
            document=dataclasses.replace(base, active=False),
            name=self.env._("Product %(name)s, deleted in Odoo", name=base.name),
        )

    def _hindrance(self, product, linked):
        """Return (code, sentence) of what keeps a product from being an item in QuickBooks, or None."""
        if product.type not in KINDS:
            return "combo", self.env._(
                "%(name)s is a combination of products. QuickBooks sells its parts: put those on the document.",
                name=product.display_name,
            )
        if not linked and not product.active:
            return "archived", self.env._(
                "%(name)s is archived and has never been in QuickBooks. Restore it if its documents are to go there.",
                name=product.display_name,
            )
        return None

    def _accounts(self, session, product, link, linked):
        """Return the income and the expense account of an item.

        They are set when the item is created, and QuickBooks' from then on: a mapping that somebody accepts or changes
        must not move the income of items that exist.
        """
        if linked:
            base = agreed(ENTITY, link)
            return (base.income_account_id, base.expense_account_id) if base else ("", "")
        expense_id = self._account_id(session, product, "expense", required=False) if product.purchase_ok else ""
        return self._account_id(session, product, "income", required=True), expense_id

    def _document(self, session, product, name, income_id, expense_id):
        # The cost of a stocked product is Odoo's valuation, which moves with each receipt; it is no purchase price.
        bought = bool(expense_id) and not self._stocked(product)
        return documents.Item(
            name=name,
            sku=product.default_code or "",
            kind=KINDS[product.type],
            description=(product.description_sale or "").strip(),
            unit_price=self._price(product, product.lst_price),
            purchase_description=(product.description_purchase or "").strip() if expense_id else "",
            purchase_cost=self._price(product, product.standard_price) if bought else documents.ZERO,
            income_account_id=income_id,
            expense_account_id=expense_id,
            active=product.active,
        )

    def _account_id(self, session, product, kind, required):
        account = product.product_tmpl_id._get_product_accounts()[kind]
        return session.resolver.out("Account", account, required=required)

    def _stocked(self, product):
        """Tell whether stock is kept of a product; without the stock module never."""
        return "is_storable" in product._fields and product.is_storable

    def _price(self, product, amount):
        """Return a price in company currency with the decimals that Odoo keeps of prices."""
        digits = self.env["decimal.precision"].precision_get("Product Price")
        return Decimal(f"{amount:.{digits}f}").normalize() + Decimal(0)

    # === NAMES === #

    def _odoo_name(self, product):
        """Return the name of a variant: the template's, with the attribute values in brackets."""
        values = product.product_template_attribute_value_ids._get_combination_name()
        return f"{product.name} ({values})" if values else product.name

    def _item_name(self, product, link, taken):
        """Return the name in QuickBooks by the visible naming rule: if taken, with the internal reference in front.

        A name that was agreed once stays as long as the product's own name does, and a suffix that was added after a
        clash wins.
        """
        plain = names.clean(self._odoo_name(product))
        forms = [plain]
        if product.default_code:
            forms.append(names.clean(f"[{product.default_code}] {plain}"))
        alias = link and link["alias"]
        if alias and any(alias.startswith(f"{form} ") for form in forms):
            return alias
        base = agreed(ENTITY, link)
        if base is not None and base.name in forms:
            return base.name
        return forms[-1] if taken else plain

    def _taken_names(self, session, products, links):
        """Return the ids of products whose name another item of QuickBooks, or an older product of Odoo, has."""
        keys = {product.id: names.key(names.clean(self._odoo_name(product))) for product in products if product.name}
        if not keys:
            return set()
        items = self._item_names(session, keys.values())
        older = self._older_products(session, products)
        taken = set()
        for product_id, key in keys.items():
            own = (links.get(product_id) or {}).get("qbo_id") or self._arriving(session).get(product_id)
            if items.get(key, set()) - {own} or key in older.get(product_id, ()):
                taken.add(product_id)
        return taken

    def _item_names(self, session, keys):
        """Return {name key: ids of the active top-level items of QuickBooks with that name}."""
        rows = session.env.execute_query(
            SQL(
                "SELECT name, qbo_id FROM qbo_reference"
                " WHERE backend_id = %s AND entity = 'Item' AND active AND lower(name) = ANY(%s)",
                session.backend.id,
                list(keys),
            )
        )
        found = {}
        for name, qbo_id in rows:
            found.setdefault(names.key(name), set()).add(qbo_id)
        return found

    def _older_products(self, session, products):
        """Return {product id: {name keys}} of older active products that are called like each."""
        twins = session.env[MODEL].search(
            [
                ("type", "in", list(KINDS)),
                *any_of("product_tmpl_id.name", {product.name for product in products if product.name}),
            ]
        )
        by_key = {}
        for twin in twins:
            by_key.setdefault(names.key(names.clean(self._odoo_name(twin))), []).append(twin.id)
        result = {}
        for key, ids in by_key.items():
            for product in products:
                if min(ids) < product.id:
                    result.setdefault(product.id, set()).add(key)
        return result

    def _renamed(self, session, document):
        """Return the item with the backend's suffix for names that are taken."""
        return dataclasses.replace(document, name=names.with_suffix(document.name, session.backend.name_clash_suffix))

    # === BOTH === #

    def _links(self, session, ids):
        """Return the link rows of products (all when None)."""
        domain = [("backend_id", "=", session.backend.id), ("entity", "=", ENTITY), ("model", "=", MODEL)]
        if ids is None:
            return session.env["qbo.binding"].search_read(domain, ["res_id", "qbo_id"], load=None)
        return session.env["qbo.binding"].search_read(
            [*domain, ("res_id", "in", list(ids))], ["res_id", "role", "qbo_id", "alias", "base"], load=None
        )

    def _arriving(self, session):
        """Return {product id: QuickBooks id} of records made in this slice whose link rows are about to be written."""
        return session.__dict__.setdefault("arriving_items", {})

    def _label(self, session, document):
        return self.env._("Item %(name)s", name=document.name)
