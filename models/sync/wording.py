"""What a document says, and what changes, in a bookkeeper's words: names instead of ids."""

import dataclasses

from odoo import models

from ...qbo import decide, documents
from ...qbo.mapping.payment import ENTITY_OF

# Fields that hold the id of a list entry, and the list.
REFERENCES = {
    "income_account_id": "Account", "expense_account_id": "Account", "asset_account_id": "Account",
    "deposit_account_id": "Account", "term_id": "Term", "method_id": "PaymentMethod", "tax_code_id": "TaxCode",
    "class_id": "Class", "department_id": "Department", "customer_type_id": "CustomerType",
}
LINE_REFERENCES = {"class_id": "Class", "tax_code_id": "TaxCode", "discount_account_id": "Account"}


class QboSyncWording(models.AbstractModel):
    _name = "qbo.sync.wording"
    _description = "QuickBooks Differences in Words"

    def _difference(self, session, old, new):
        """Return the difference between two neutral forms, one field a line: 'phone: old → new'.

        Without ``old``, all that is set.
        """
        spoken = self._spoken(session, old) if old is not None else None
        rows = decide.describe(spoken, self._spoken(session, new), self._labels())
        return "\n".join(
            f"{name}: {old_text} → {new_text or '-'}" if old is not None and old_text else f"{name}: {new_text}"
            for name, old_text, new_text in rows)

    def _dispute(self, session, odoo, qbo):
        """Return what each side says in the fields in which they differ, one field a line."""
        rows = decide.describe(self._spoken(session, odoo), self._spoken(session, qbo), self._labels())
        return "\n".join(
            self.env._("%(field)s: Odoo says %(odoo)s, QuickBooks says %(qbo)s",
                       field=name, odoo=ours or "-", qbo=theirs or "-")
            for name, ours, theirs in rows)

    def _spoken(self, session, document):
        """Return ``document`` with names in place of ids, for reading only."""
        names = {}
        for field, entity in REFERENCES.items():
            if getattr(document, field, ""):
                names[field] = session.reference_name(entity, getattr(document, field))
        for field in ("customer_id", "parent_id"):
            if getattr(document, field, "") and document.entity != "Item":
                names[field] = self._record_name(session, "Customer", getattr(document, field))
        if isinstance(document, documents.SalesDocument):
            names["lines"] = tuple(
                dataclasses.replace(
                    line, item_id=self._record_name(session, "Item", line.item_id),
                    **{field: session.reference_name(entity, getattr(line, field))
                       for field, entity in LINE_REFERENCES.items() if getattr(line, field)})
                for line in document.lines)
        elif isinstance(document, documents.Payment):
            names["lines"] = tuple(
                dataclasses.replace(line, txn_id=self._record_name(
                    session, ENTITY_OF.get(line.txn_type, line.txn_type), line.txn_id))
                for line in document.lines)
        elif isinstance(document, documents.Entry):
            return session.handler(document.entity)._spoken(session, document)
        return dataclasses.replace(document, **names)

    def _record_name(self, session, entity, qbo_id):
        """Return the name of the Odoo record that an object is linked to, else the id."""
        return session.once(("name", entity, qbo_id), lambda: self._names(session, entity, [qbo_id])[qbo_id])

    def _words_of_job(self, session, document):
        """Return what a person reads of the job of a record that only QuickBooks still has."""
        customer_id = getattr(document, "customer_id", "")
        return {
            "name": session.handler(document.entity)._label(session, document),
            "partner_name": self._record_name(session, "Customer", customer_id) if customer_id else "",
            "amount": float(getattr(document, "total", 0)),
            "currency_id": self.env["qbo.sync.inbox"]._currency_id(session, document),
            "document_date": getattr(document, "txn_date", None) or False}

    def _names(self, session, entity, qbo_ids):
        """Return {id: name of the linked Odoo record, else that of what waits to come in, else the id}."""
        session.preload_records(entity, qbo_ids)
        places = {qbo_id: session.record_id(entity, qbo_id) for qbo_id in qbo_ids if qbo_id}
        ids = {}
        for model, res_id in filter(None, places.values()):
            ids.setdefault(model, []).append(res_id)
        names = {(model, record.id): record.display_name
                 for model, own in ids.items() for record in self.env[model].browse(own).exists()}
        found = {qbo_id: names.get(places.get(qbo_id)) for qbo_id in qbo_ids}
        waiting = self._waiting_names(session, entity, [qbo_id for qbo_id in qbo_ids if qbo_id and not found[qbo_id]])
        return {qbo_id: found[qbo_id] or waiting.get(qbo_id) or qbo_id for qbo_id in qbo_ids}

    def _waiting_names(self, session, entity, qbo_ids):
        """Return {id: name} of objects that are on their way into Odoo; one without a number gets its id."""
        jobs = self.env["qbo.job"].search_fetch([
            ("backend_id", "=", session.backend.id), ("direction", "=", "in"), ("entity", "=", entity),
            ("qbo_id", "in", qbo_ids)], ["qbo_id", "name"], order="id") if qbo_ids else ()
        return {job.qbo_id: f"{job.name.strip()} {job.qbo_id}" if job.name.endswith(" ") else job.name
                for job in jobs if job.name}

    def _learn(self, session, spoken_of):
        """Look up at once the names of all records that documents mention."""
        mentioned = {}
        for document in spoken_of:
            for entity, qbo_id in _mentioned(document):
                mentioned.setdefault(entity, set()).add(qbo_id)
        for entity, qbo_ids in mentioned.items():
            for qbo_id, name in self._names(session, entity, qbo_ids).items():
                session.once(("name", entity, qbo_id), lambda name=name: name)

    def _labels(self):
        """Return the words for the fields of neutral forms."""
        return {
            "display_name": self.env._("name"), "company_name": self.env._("company"), "email": self.env._("e-mail"),
            "given_name": self.env._("first name"), "middle_name": self.env._("middle name"),
            "family_name": self.env._("last name"),
            "phone": self.env._("phone"), "mobile": self.env._("mobile"), "website": self.env._("website"),
            "notes": self.env._("notes"), "bill_address": self.env._("billing address"),
            "ship_address": self.env._("shipping address"), "parent_id": self.env._("parent"),
            "bill_with_parent": self.env._("billed with parent"), "term_id": self.env._("terms"),
            "exemption_reason": self.env._("reason of the exemption"),
            "taxable": self.env._("taxable"), "currency": self.env._("currency"), "active": self.env._("active"),
            "name": self.env._("name"), "sku": self.env._("internal reference"), "kind": self.env._("type"),
            "description": self.env._("description"), "unit_price": self.env._("price"),
            "purchase_description": self.env._("description for vendors"), "purchase_cost": self.env._("cost"),
            "income_account_id": self.env._("income account"), "expense_account_id": self.env._("expense account"),
            "asset_account_id": self.env._("asset account"), "doc_number": self.env._("number"),
            "txn_date": self.env._("date"), "due_date": self.env._("due date"), "customer_id": self.env._("customer"),
            "exchange_rate": self.env._("exchange rate"), "tax_code_id": self.env._("tax"),
            "total_tax": self.env._("tax amount"),
            "total": self.env._("total"), "global_tax": self.env._("tax calculation"),
            "apply_tax_after_discount": self.env._("discount before tax"), "private_note": self.env._("memo"),
            "customer_memo": self.env._("message to the customer"), "bill_email": self.env._("e-mail of the document"),
            "voided": self.env._("void"), "reference": self.env._("reference"),
            "method_id": self.env._("payment method"), "deposit_account_id": self.env._("deposited to"),
            "amount": self.env._("amount"), "item_id": self.env._("product"), "quantity": self.env._("quantity"),
            "class_id": self.env._("class"), "department_id": self.env._("location"),
            "customer_type_id": self.env._("type of customer"), "service_date": self.env._("service date"),
            "discount_percent": self.env._("discount percentage"),
            "discount_account_id": self.env._("discount account"),
            "line": self.env._("line"), "yes": self.env._("yes"), "no": self.env._("no"),
            "Invoice": self.env._("applied to"), "CreditMemo": self.env._("uses credit"),
            "JournalEntry": self.env._("applied to"), "Deposit": self.env._("uses deposit"),
            "Expense": self.env._("applied to"), "Check": self.env._("applied to"),
            "CreditCardCredit": self.env._("uses credit"), "home_adjustment": self.env._("revaluation"),
            **self._codes(),
        }

    def _codes(self):
        """Return the words for codes of QuickBooks that a field can hold."""
        return {
            "global_tax:TaxExcluded": self.env._("prices without tax"),
            "global_tax:TaxInclusive": self.env._("prices with tax"),
            "global_tax:NotApplicable": self.env._("no tax"),
            "tax_code_id:TAX": self.env._("taxed"), "tax_code_id:NON": self.env._("not taxed"),
            **{f"exemption_reason:{code}": name for code, name in
               self.env["qbo.backend"]._fields["exempt_reason"]._description_selection(self.env)},
        }


def _mentioned(document):
    """Return (entity, id) of the records that a document names."""
    pairs = [("Customer", getattr(document, "customer_id", ""))]
    for line in getattr(document, "lines", ()):
        if isinstance(line, documents.PaymentLine):
            pairs.append((ENTITY_OF.get(line.txn_type, line.txn_type), line.txn_id))
        elif isinstance(line, documents.EntryLine):
            pairs.append(("Customer", line.customer_id))
        else:
            pairs.append(("Item", line.item_id))
    return [(entity, qbo_id) for entity, qbo_id in pairs if qbo_id]
