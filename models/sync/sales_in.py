"""Invoices and credit memos, neutral form to Odoo."""

from decimal import Decimal

from odoo import Command, models
from odoo.exceptions import UserError
from odoo.tools import plaintext2html

from ...qbo import decide
from .session import Need, posted_key, qbo_key

CENT = Decimal("0.01")
# What can be written on a posted document; everything else needs draft, rewritten lines, and posting again.
HEADER_FIELDS = {"private_note", "customer_memo", "due_date", "doc_number", "term_id"}
# Odoo documents have no field of their own for these; QuickBooks keeps them.
IGNORED_FIELDS = {"bill_address", "ship_address", "bill_email"}


class QboSyncSales(models.AbstractModel):
    _inherit = "qbo.sync.sales"

    # === MAY IT COME IN? === #

    def _nothing_in(self, document):
        if document.voided:
            return self.env._("It is void in QuickBooks; there is nothing to bring over.")
        return super()._nothing_in(document)

    def _prepare(self, session, arrivals):
        """Find what each arrival waits for: its customer, its items, its tax, an open period."""
        session.preload_records("Customer", {arrival.document.customer_id for arrival in arrivals})
        session.preload_records("Item", {
            line.item_id for arrival in arrivals for line in arrival.document.lines if line.item_id})
        for arrival in arrivals:
            arrival.stay = "" if arrival.record else self._nothing_in(arrival.document)
            if not arrival.stay and not arrival.document.voided:
                self._prepare_one(session, arrival)

    def _prepare_one(self, session, arrival):
        document = arrival.document
        needs = [Need(qbo_key("Customer", document.customer_id), self.env._("Its customer is not in Odoo yet."))] \
            if not session.record_id("Customer", document.customer_id) else []
        needs.extend(
            Need(qbo_key("Item", item_id), self.env._("One of its products is not in Odoo yet."))
            for item_id in {line.item_id for line in document.lines if line.item_id}
            if not session.record_id("Item", item_id))
        session.resolver.take_missing()
        for line in document.lines:
            self._tax(session, document, line)
        self.env["qbo.sync.dimensions"]._ask(session, document)
        arrival.needs = needs + session.resolver.take_needs()
        arrival.problem = self._locked(session, arrival) or self._unknown_currency(session, document)

    def _unknown_currency(self, session, document):
        code = document.currency
        if code and not session.currency_id(code):
            return ("currency", self.env._("The currency %(code)s does not exist in Odoo.", code=code))
        return None

    def _locked(self, session, arrival):
        """Odoo would silently move the date of a document in a locked period, so a person decides before."""
        if arrival.record and not self._touches_lines(arrival):
            return None
        day, taxed = arrival.document.txn_date, bool(arrival.document.total_tax)
        company = session.backend.company_id
        locks = session.once(("locks", self._name, day, taxed), lambda: company._get_violated_lock_dates(
            day, taxed, self._journal(session)))
        if not locks:
            return None
        return ("locked", self.env._(
            "%(date)s is in a period that is locked in Odoo (until %(until)s). "
            "Open the period or change the date in QuickBooks.",
            date=arrival.document.txn_date, until=max(lock for lock, _field in locks)))

    def _touches_lines(self, arrival):
        return True

    # === CREATING === #

    def _create_records(self, session, arrivals):
        """Create, post and number documents in bulk; what QuickBooks charged as tax is what Odoo books."""
        # One question for all numbers.
        session.taken_numbers(self._journal(session), {
            arrival.document.doc_number for arrival in arrivals if arrival.document.doc_number})
        moves = self._moves(session).create([self._values(session, arrival) for arrival in arrivals])
        for arrival, move in zip(arrivals, moves, strict=True):
            arrival.record = move
        self._post_inert(moves)

    def _post_inert(self, moves):
        """Post what QuickBooks made, and nothing else: its stock and its e-invoices are QuickBooks' business.

        With that key in the context stock_account books no cost of goods sold; what account_edi would send is dropped
        before anything can send it.
        """
        moves.with_context(move_reverse_cancel=True, skip_account_edi_cron_trigger=True)._post(soft=False)
        if "edi_document_ids" in moves._fields:
            moves.edi_document_ids.unlink()

    def _moves(self, session):
        return self._importing(session, "account.move")

    def _values(self, session, arrival):
        document = arrival.document
        currency_id = session.currency_id(document.currency) or session.backend.company_id.currency_id.id
        values = {
            "move_type": self._move_type,
            "company_id": (self.env["qbo.sync.dimensions"]._branch(session, document) or session.backend.company_id).id,
            "journal_id": self._journal(session).id,
            "partner_id": session.record_id("Customer", document.customer_id)[1],
            "invoice_date": document.txn_date, "date": document.txn_date, "currency_id": currency_id,
            "invoice_user_id": session.backend.responsible_id.id,
            "invoice_line_ids": [Command.create(line) for line in self._lines_values(session, document)],
            **self._header_values(session, document),
        }
        if document.exchange_rate and currency_id != session.backend.company_id.currency_id.id:
            values["invoice_currency_rate"] = float(1 / document.exchange_rate)
        number = self._free_number(session, document, arrival.qbo_id, arrival.record and arrival.record.name)
        if number:
            values.update(name=number, qbo_imported_number=True)
        return values

    def _header_values(self, session, document):
        values = {
            "ref": document.private_note or False, "payment_reference": document.doc_number or False,
            "narration": plaintext2html(document.customer_memo) if document.customer_memo else False,
        }
        return {**values, **self._due_values(session, document)}

    def _due_values(self, session, document):
        """Return term and due date: the mapped term where it gives the same due date, else the date alone."""
        due = getattr(document, "due_date", None)
        if not due:
            return {"invoice_payment_term_id": False}
        term = session.resolver.inn("Term", document.term_id, "account.payment.term", required=False)
        line = term.line_ids if len(term.line_ids) == 1 else term.line_ids.browse()
        if line and line.delay_type == "days_after" and line.nb_days == (due - document.txn_date).days:
            return {"invoice_payment_term_id": term.id}
        return {"invoice_payment_term_id": False, "invoice_date_due": due}

    def _journal(self, session):
        """Return the sales journal of imports.

        :raise UserError: when there is none, or only one that refuses QuickBooks' numbers
        """
        return session.once(("journal", self._name), lambda: self._find_journal(session))

    def _sales_journal(self, session):
        return session.backend.sale_journal_id or self.env["account.journal"].search(
            [*self.env["account.journal"]._check_company_domain(session.backend.company_id), ("type", "=", "sale")],
            limit=1)

    def _find_journal(self, session):
        journal = self._sales_journal(session)
        if not journal:
            raise UserError(self.env._("%(company)s has no sales journal.", company=session.backend.company_id.name))
        if journal.restrict_mode_hash_table:
            raise UserError(self.env._(
                "Journal %(journal)s is secured by hashes, which refuse documents with QuickBooks' numbers. Have "
                "an administrator choose another journal for imported invoices (Rules of the connection).",
                journal=journal.display_name))
        return journal

    def _free_number(self, session, document, qbo_id, current=False):
        """Return QuickBooks' number, with its id behind it when Odoo's journal has that number already."""
        if not document.doc_number:
            return ""
        if current == document.doc_number:
            return current
        taken = session.taken_numbers(self._journal(session), [document.doc_number])
        number = document.doc_number if document.doc_number not in taken else f"{document.doc_number}/{qbo_id}"
        taken.add(number)
        return number

    # === LINES === #

    def _lines_values(self, session, document):
        """Return the values of all lines; where Odoo would compute other tax cents, QuickBooks' stand on the lines."""
        dimensions = self.env["qbo.sync.dimensions"]
        lines = [{**values, **dimensions._line_values(session, document, line)}
                 for line in document.lines for values in self._line_values(session, document, line)]
        self._fix_tax(session, document, lines)
        return lines

    def _line_values(self, session, document, line):
        if line.kind == "note":
            return [{"display_type": "line_note", "name": line.description}] if line.description else []
        if line.kind == "discount":
            return self._discount_values(session, document, line)
        product_id = (
            session.record_id("Item", line.item_id)[1] if line.item_id else session.backend.default_product_id.id)
        quantity, price = self._price_values(line)
        return [{
            "product_id": product_id, "name": line.description or self._product_name(product_id), "quantity": quantity,
            "price_unit": price, "discount": 0.0, "tax_ids": [Command.set(self._tax(session, document, line).ids)]}]

    def _product_name(self, product_id):
        return self.env["product.product"].browse(product_id).display_name or self.env._("Line")

    def _discount_values(self, session, document, line):
        """Return a line for each tax of what the discount is taken from: it lowers what is taxed by its share.

        QuickBooks spreads a discount over all lines in proportion. In US companies the document says whether that is
        done before the tax, elsewhere it always is.
        """
        account = session.resolver.inn("Account", line.discount_account_id, "account.account", required=False)
        journal = self._sales_journal(session)
        if not account and not journal.default_account_id:
            raise UserError(self.env._(
                "Journal %(journal)s has no default account for discounts of QuickBooks. Choose one there, or map the "
                "account of discounts of QuickBooks.", journal=journal.display_name))
        return [{
            "name": self.env._("Discount"), "quantity": 1.0, "price_unit": -float(amount), "discount": 0.0,
            "tax_ids": [Command.set(taxes.ids)], **({"account_id": account.id} if account else {}),
        } for taxes, amount in self._discount_shares(session, document, line) if amount]

    def _discount_shares(self, session, document, line):
        """Return [(taxes, amount)] of a discount, untaxed first; what rounding leaves goes to the first."""
        sums = {self.env["account.tax"]: Decimal(0)}
        for item in document.lines:
            if item.kind == "item":
                lowered = not session.profile.is_us or document.apply_tax_after_discount
                taxes = self._tax(session, document, item) if lowered else self.env["account.tax"]
                sums[taxes] = sums.get(taxes, Decimal(0)) + item.amount
        subtotal = sum(sums.values())
        if not subtotal:
            return [(self.env["account.tax"], line.amount)]
        kept = [(taxes, amount) for taxes, amount in sums.items() if amount]
        shares = [(taxes, (line.amount * amount / subtotal).quantize(CENT)) for taxes, amount in kept[1:]]
        return [(kept[0][0], line.amount - sum(share for _taxes, share in shares)), *shares]

    def _price_values(self, line):
        """Return quantity and price that give the line's amount in Odoo's precision; else one piece at the amount."""
        if line.quantity and line.unit_price is not None:
            quantity_digits = self.env["decimal.precision"].precision_get("Product Unit")
            price_digits = self.env["decimal.precision"].precision_get("Product Price")
            quantity, price = round(line.quantity, quantity_digits), round(line.unit_price, price_digits)
            # QuickBooks rounds each line; Odoo may add parts of a cent up over all of them.
            if quantity * price == line.amount and (quantity, price) == (line.quantity, line.unit_price):
                return float(quantity), float(price)
        return 1.0, float(line.amount)

    # === UPDATING === #

    def _update(self, session, arrival):
        """Take over what QuickBooks changed; a void cancels, else lines are rewritten and applied payments put back."""
        changed = set(arrival.fields) - IGNORED_FIELDS
        move = arrival.record
        customer = session.record_id("Customer", arrival.document.customer_id)
        if customer and customer[1] in (move.partner_id.id, move.commercial_partner_id.id):
            # Another customer of QuickBooks that is the same partner here.
            changed.discard("customer_id")
        if "voided" in changed and arrival.document.voided:
            self._cancel(move)
            self.env["qbo.job"]._release(session.backend, [posted_key(move.id)])
            return
        if self._take_dimensions(session, arrival, changed) or changed <= HEADER_FIELDS:
            self._update_header(session, move, arrival, changed)
        elif changed:
            self._rewrite(session, move, arrival)

    def _take_dimensions(self, session, arrival, changed):
        """Take classes and location over where they are all that changed; tell whether they were."""
        dimensions, document, move = self.env["qbo.sync.dimensions"], arrival.document, arrival.record
        branch = dimensions._branch(session, document) or session.backend.company_id
        if "department_id" in changed and session.backend._by_branch() and branch != move.company_id:
            arrival.warning = self.env._(
                "Its location in QuickBooks is that of %(theirs)s, and it stays with %(ours)s in Odoo. Credit it there "
                "and issue it again in the other branch, or change the location back.",
                theirs=branch.name, ours=move.company_id.name)
        before = decide.load_base(arrival.entity, arrival.binding.base).qbo \
            if arrival.binding and arrival.binding.base else None
        return dimensions._only(before, document, changed, HEADER_FIELDS) \
            and dimensions._take_over(session, self._moves(session).browse(move.id), document)

    def _update_header(self, session, move, arrival, changed):
        values = self._header_values(session, arrival.document)
        due = ("invoice_payment_term_id", "invoice_date_due")
        names = {"private_note": ("ref",), "customer_memo": ("narration",), "due_date": due, "term_id": due}
        keep = {name for field in changed for name in names.get(field, ())}
        values = {name: value for name, value in values.items() if name in keep}
        if "doc_number" in changed and move.qbo_imported_number:
            values["name"] = self._free_number(session, arrival.document, arrival.qbo_id, move.name) or move.name
        # Term and due date of a posted document are read-only for people; its receivable item keeps its applications.
        self._moves(session).with_context(skip_readonly_check=True).browse(move.id).write(values)

    def _rewrite(self, session, move, arrival):
        """Rewrite a posted document through draft; what was applied to it is applied again, as far as it still fits."""
        move = self._moves(session).browse(move.id)
        if move.state == "draft":
            raise UserError(self.env._(
                "It was changed in QuickBooks while it is a draft in Odoo. Post or cancel it in Odoo, then retry."))
        applied = self.env["qbo.sync.applications"]._remember(move)
        self.env["qbo.sync.applications"]._take_off_bank_lines(move)
        move.button_draft()
        values = self._values(session, arrival)
        for name in ("move_type", "company_id", "journal_id", "invoice_user_id"):
            del values[name]
        if not move.qbo_imported_number:
            values.pop("name", None)
            values.pop("qbo_imported_number", None)
        lines = [command[2] for command in values["invoice_line_ids"]]
        self.env["qbo.sync.targets"]._keep_products(move, lines)
        self.env["qbo.sync.dimensions"]._keep_others(session, move, lines)
        self._keep_withheld(move, lines)
        # QuickBooks has the cents of cash rounding as a line; Odoo would round its total once more.
        values["invoice_cash_rounding_id"] = False
        lines = [Command.clear(), *values.pop("invoice_line_ids")]
        # Apart: when the rate changes with the lines, Odoo keeps the tax of the old lines as if somebody had typed it.
        move.write(values)
        move.write({"invoice_line_ids": lines})
        if arrival.binding and arrival.binding.imported:
            self._post_inert(move)
        else:
            move._post(soft=False)
        applications = self.env["qbo.sync.applications"]
        applications._restore(move, applications._as_there(
            session, (arrival.entity, arrival.qbo_id), move, applied))

    def _cancel(self, move):
        if move.state == "posted":
            move.line_ids.remove_move_reconcile()
            move.button_draft()
        if move.state == "draft":
            move.button_cancel()

    def _remove(self, session, binding, operation):
        """The document was deleted in QuickBooks: it is cancelled here, with its number.

        It is never created again by itself.
        """
        move = binding._record()
        if not move or move.state == "cancel":
            return self.env._("It was deleted in QuickBooks.")
        if move.state == "posted" and move._get_violated_lock_dates(move.date, bool(move.amount_tax)):
            raise UserError(self.env._(
                "It was deleted in QuickBooks, but its period is locked in Odoo. Credit it in an open period."))
        self._cancel(move)
        self.env["qbo.job"]._release(session.backend, [posted_key(move.id)])
        return self.env._("It was deleted in QuickBooks and is cancelled here.")

    # === MATCHING === #

    def _match(self, session, arrivals):
        """Return posted documents that are the same already: same number, customer, date and total, and not linked."""
        numbers = {arrival.document.doc_number for arrival in arrivals if arrival.document.doc_number}
        candidates = self.env["account.move"].search([
            ("move_type", "=", self._move_type), ("state", "=", "posted"), ("name", "in", list(numbers)),
            ("company_id", "in", list(session.company_ids))]) if numbers else self.env["account.move"]
        linked = self.env["qbo.sync.representation"]._linked(session, candidates)
        free = {move.name: move for move in candidates if move.id not in linked}
        return {arrival.qbo_id: free[arrival.document.doc_number] for arrival in arrivals
                if self._is_twin(session, free.get(arrival.document.doc_number), arrival.document)}

    def _is_twin(self, session, move, document):
        if not move or move.invoice_date != document.txn_date:
            return False
        customer = session.record_id("Customer", document.customer_id)
        same = move.currency_id.compare_amounts(move.amount_total, float(document.total)) == 0
        return same and bool(customer) and customer[1] in (move.partner_id.id, move.commercial_partner_id.id)
