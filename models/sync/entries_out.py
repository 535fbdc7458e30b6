"""Entries of Odoo that move receivables, and what payments write off: journal entries in QuickBooks."""

import dataclasses
from decimal import Decimal

from odoo import models
from odoo.exceptions import UserError

from ...qbo import documents
from ...qbo.entries import receivable_part
from ..const import POS_FIELDS, STAYING_FIELDS
from .entries import NOTE_FIELDS
from .entries_role import WRITTEN_OFF
from .sales import money
from .session import Need, Reading, Target

# Stands for QuickBooks' receivable account until it is known which one.
RECEIVABLE = "receivable"
BANKS = ("bank", "cash", "credit")


class QboSyncJournalEntry(models.AbstractModel):
    """One entry of Odoo is one JournalEntry for each customer on it, because QuickBooks takes one name an entry.

    What stands against the receivables goes to the mapped accounts where it is clear which, else to the clearing
    account. What a payment writes off in its own entry is a JournalEntry too, and a line of that payment.
    """

    _inherit = "qbo.sync.journalentry"

    # === WHAT IS CONCERNED === #

    def _targets(self, session, model, ids):
        if model == "account.payment":
            return list(dict.fromkeys([
                *self._difference_targets(session, model, ids), *self._linked_targets(session, model, ids)]))
        if model != "account.move":
            return []
        moves = self.env["account.move"].browse(ids).exists()
        targets = [
            Target("JournalEntry", model, move.id, role) for move in moves if self._in_scope(session, move)
            for role in self._roles(session, move)]
        return list(dict.fromkeys([
            *targets, *self._linked_targets(session, model, ids),
            *self._difference_targets(session, model, moves.filtered("statement_line_id").ids),
            *self._targets(session, "account.payment", moves.origin_payment_id.ids)]))

    def _linked_targets(self, session, model, ids):
        bindings = self.env["qbo.binding"]._by_record(session.backend, "JournalEntry", model, ids)
        return [Target("JournalEntry", model, res_id, role)
                for (res_id, role), binding in bindings.items() if not binding.imported]

    def _in_scope(self, session, move):
        """Tell whether an entry crosses: posted, on receivables, written by a person, and no money that came in."""
        if move.move_type != "entry" or move.state != "posted" or move.company_id.id not in session.company_ids:
            return False
        cutoff = session.policies["JournalEntry"].cutoff_date
        if cutoff and move.date < cutoff or not self._owed(move) or self._is_made_by_odoo(move):
            return False
        return not (self._is_money(session, move) or self._is_imported(session, "account.move", move.id)
                    or self._returns_what_is_void(session, move))

    def _owed(self, move):
        return move.line_ids.filtered(lambda line: line.account_type == "asset_receivable" and (
            line.balance or line.amount_currency))

    def _is_made_by_odoo(self, move):
        """Exchange differences, cash-basis taxes, stock, point of sale, deferrals, tax closing, and their reversals."""
        if move.journal_id == move.company_id.currency_exchange_journal_id or self._is_revaluation(move):
            return True
        if any(name in move._fields and move[name] for name in (*POS_FIELDS, *STAYING_FIELDS)):
            return True
        if self.env["account.partial.reconcile"].search_count([("exchange_move_id", "=", move.id)], limit=1):
            return True
        return bool(move.reversed_entry_id) and self._is_made_by_odoo(move.reversed_entry_id)

    def _is_revaluation(self, move):
        """Tell whether an entry corrects the home value of foreign amounts only; QuickBooks makes its own."""
        return all(line.currency_id != line.company_currency_id and not line.amount_currency
                   for line in self._owed(move))

    def _is_money(self, session, move):
        """Money that came in is a Payment: entries of payments and bank lines, and entries like them."""
        if move.origin_payment_id or move.statement_line_id:
            return True
        if move.reversed_entry_id.origin_payment_id.payment_type == "outbound":
            # A refund that came back is not money of the customer: it is what that refund takes back.
            return False
        if move.journal_id.type in BANKS and session.handler("Payment")._stays_home(session, move.journal_id):
            return True
        if self.env["qbo.binding"].search_count([
                ("backend_id", "=", session.backend.id), ("entity", "=", "Payment"), ("model", "=", "account.move"),
                ("res_id", "=", move.id), ("qbo_id", "!=", False)], limit=1):
            return True
        owed = self._owed(move)
        if sum(owed.mapped("balance")) >= 0:
            return False
        return move.journal_id.type in BANKS or all(
            line.account_type == "asset_cash" for line in move.line_ids - owed)

    def _returns_what_is_void(self, session, move):
        """The reversal of a payment or refund that is void in QuickBooks is what the void is in Odoo."""
        payment = move.reversed_entry_id.origin_payment_id
        if not payment:
            return False
        links = self.env["qbo.binding"].search([
            ("backend_id", "=", session.backend.id), ("entity", "in", ("Payment", "Purchase")),
            ("model", "=", "account.payment"), ("res_id", "=", payment.id), ("role", "=", ""),
            ("qbo_id", "!=", False), ("missing", "=", False)])
        return all(self._is_void_there(link) for link in links)

    def _is_void_there(self, link):
        told = (link.base or {}).get("qbo", {})
        return bool(told.get("voided")) or link.entity == "Purchase" and not told.get("lines")

    def _roles(self, session, move):
        """Return one role for each customer: '' when there is one; what went in parts stays in parts."""
        owed = self._owed(move)
        parts = [f"part:{partner.id}" for partner in owed.partner_id.commercial_partner_id]
        if any(not line.partner_id for line in owed):
            parts.append("part:0")
        linked = self.env["qbo.binding"]._by_record(session.backend, "JournalEntry", "account.move", [move.id])
        return [""] if len(parts) == 1 and not any(role for _res_id, role in linked) else parts

    def _is_imported(self, session, model, res_id):
        imported = session.once(("entries imported now",), set)
        return (model, res_id) in imported or bool(self.env["qbo.binding"].search_count([
            ("backend_id", "=", session.backend.id), ("entity", "in", ("JournalEntry", "Deposit", "Purchase")),
            ("model", "=", model), ("res_id", "=", res_id), ("imported", "=", True)], limit=1))

    def _crosses(self, session, move):
        """Tell whether QuickBooks has an entry, or will have it."""
        return bool(self._links(session, move)) or (
            session.allows("JournalEntry", "out") and self._in_scope(session, move)
            and not session.is_excluded("JournalEntry", "account.move", move.id))

    def _scan_ids(self, session, since):
        domain = [
            ("account_type", "=", "asset_receivable"), ("move_id.move_type", "=", "entry"),
            ("parent_state", "=", "posted"), ("company_id", "in", list(session.company_ids)),
            ("move_id.origin_payment_id", "=", False)]
        payments = [("payment_type", "=", "inbound"), ("partner_type", "=", "customer"), ("move_id", "!=", False),
                    ("company_id", "in", list(session.company_ids))]
        if since:
            domain.append(("move_id.write_date", ">=", since))
            payments.append(("write_date", ">=", since))
        moves = self.env["account.move.line"].search(domain).move_id
        return [("account.move", moves.ids), ("account.payment", self.env["account.payment"].search(payments).ids)]

    # === READING === #

    def _read(self, session, targets):
        """Read what came from QuickBooks as what it became here, and what goes there as what it is there."""
        imported = [target for target in targets if self._is_imported(session, target.model, target.res_id)]
        result = super()._read(session, imported)
        for target in targets:
            if target not in result:
                record = self.env[target.model].browse(target.res_id).exists()
                read = self._read_difference if target.role == WRITTEN_OFF else self._read_entry
                result[target] = read(session, target, record) if record else Reading(target, gone="delete")
        return result

    def _read_entry(self, session, target, move):
        items = self._owed(move)
        if target.role:
            items = items.filtered(lambda line: self._role_of(line) == target.role)
        currency = items.currency_id[:1] or move.currency_id
        reading = Reading(
            target, name=move.display_name, partner_name=items.partner_id.commercial_partner_id[:1].display_name or "",
            date=move.date, currency_id=currency.id)
        if move.state == "draft":
            reading.stay = self.env._("It is a draft in Odoo.")
        elif move.state == "cancel" or not items or not self._in_scope(session, move):
            reading.gone = "delete"
        elif not items.partner_id:
            reading.problem = ("no_customer", self.env._(
                "%(entry)s books receivables of nobody. Put the customer on the line, or book it on another account.",
                entry=move.display_name))
        elif len(items.currency_id) > 1:
            reading.problem = ("currency", self.env._(
                "%(entry)s has receivables of %(customer)s in several currencies. Make an entry for each currency.",
                entry=move.display_name, customer=reading.partner_name))
        else:
            note = " · ".join(filter(None, (move.name, " ".join((move.ref or "").split()))))
            amounts = [(money(line.amount_currency, currency), line.balance) for line in items]
            settled = items.matched_credit_ids.credit_move_id.move_id | items.matched_debit_ids.debit_move_id.move_id
            self._fill(session, reading, items.partner_id[:1], currency, amounts, move.line_ids - items, note, settled)
        return reading

    def _role_of(self, line):
        return f"part:{line.partner_id.commercial_partner_id.id or 0}"

    def _fill(self, session, reading, partner, currency, owed, others, note, settled):
        """Make the neutral form of ``owed`` (amounts in ``currency`` and home currency) against the items ``others``.
        """
        reading.problem = session.handler("Invoice")._currency_problem(session, currency)
        if reading.problem:
            return
        session.resolver.take_missing()
        customer_id = session.handler("Payment")._customer(session, reading, partner, currency)
        customer_id, problem = self.env["qbo.sync.merged"]._settling(session, partner, customer_id, settled)
        reading.problem = reading.problem or problem
        rate = self._rate_of(others.company_currency_id[:1] or currency, currency, owed)
        total = sum((amount for amount, _home in owed), documents.ZERO)
        lines = [documents.EntryLine(total, account_id=RECEIVABLE, customer_id=customer_id)]
        lines += [documents.EntryLine(self._in_currency(line, currency, rate), account_id=self._kept(line))
                  for line in others]
        entry = receivable_part(documents.JournalEntry(lines=tuple(lines)), {RECEIVABLE})
        placed = tuple(self._placed(session, reading, line, currency, others[:1].move_id.journal_id)
                       for line in entry.lines)
        reading.needs += session.resolver.take_needs()
        if not session.handler("Purchase")._receivable_account(session, currency):
            reading.needs.append(Need(f"receivable:{currency.name}", self.env._(
                "QuickBooks has no receivable account in %(currency)s yet. It makes one with the first invoice in that "
                "currency, then this goes on by itself.", currency=currency.name)))
        reading.identity = (partner.commercial_partner_id.id,)
        reading.amount = float(entry.total)
        if reading.problem or not placed:
            reading.gone = "" if reading.problem else "delete"
            return
        reading.document = documents.JournalEntry(
            txn_date=reading.date, currency=currency.name, exchange_rate=rate, private_note=note, lines=placed,
            total=entry.total)

    def _rate_of(self, home, currency, owed):
        if home == currency:
            return None
        foreign = sum((abs(amount) for amount, _home in owed), documents.ZERO)
        balance = sum((abs(Decimal(repr(value))) for _amount, value in owed), documents.ZERO)
        return (balance / foreign).quantize(Decimal("0.00000001")).normalize() if foreign else None

    def _in_currency(self, line, currency, rate):
        if line.currency_id == currency:
            return money(line.amount_currency, currency)
        if line.company_currency_id == currency:
            return money(line.balance, currency)
        return money(float(Decimal(repr(line.balance)) / rate), currency)

    def _kept(self, line):
        """Receivables of others and payables are no accounts of this entry there: each takes one name."""
        return "" if line.account_type in ("asset_receivable", "liability_payable") else str(line.account_id.id)

    def _placed(self, session, reading, line, currency, journal):
        """Return a line with the account that QuickBooks has for it; what is not clear goes to the clearing account."""
        if line.account_id == RECEIVABLE:
            return dataclasses.replace(
                line, account_id=session.handler("Purchase")._receivable_account(session, currency))
        account = self.env["account.account"].browse(int(line.account_id)) if line.account_id \
            else session.backend.receivable_clearing_account_id
        if not account:
            reading.problem = ("no_clearing", self.env._(
                "It is not clear which account stands against the receivables of %(customer)s in %(entry)s. Have "
                "an administrator choose a clearing account for receivable entries (Rules of the connection), map it, "
                "then retry.",
                customer=reading.partner_name, entry=reading.name))
        return dataclasses.replace(line, account_id=self._account_out(session, account, journal))

    def _account_out(self, session, account, journal):
        """Return QuickBooks' account; where money waits for its bank line, that of the bank."""
        waits = account.account_type == "asset_cash" or account.reconcile and account.account_type in (
            "asset_current", "liability_current")
        if waits and journal.type in BANKS:
            return session.handler("Payment")._money_account(session, journal)
        return session.resolver.out("Account", account)

    # === PAYMENTS CALL THEM === #

    def _link(self, session, item, reading=None):
        """Return (type, id) as for what came from QuickBooks; what has still to go there is a need of ``reading``."""
        link = super()._link(session, item, reading)
        move = item.move_id
        if link or reading is None or move.move_type != "entry" or not self._crosses(session, move):
            return link
        role = "" if self._roles(session, move) == [""] else self._role_of(item)
        target = Target("JournalEntry", "account.move", move.id, role)
        reading.needs.append(Need(target.key(), self.env._(
            "%(document)s is not in QuickBooks yet.", document=move.display_name), target, move.display_name))
        return None

    # === WHAT QUICKBOOKS CHANGES OF THEM === #

    def _prepare(self, session, arrivals):
        return super()._prepare(session, [arrival for arrival in arrivals if not self._is_ours(arrival.binding)])

    def _sends(self, target):
        return bool(self.env["qbo.binding"].search_count([
            ("entity", "=", "JournalEntry"), ("model", "=", target.model), ("res_id", "=", target.res_id),
            ("role", "=", target.role), ("imported", "=", False)], limit=1))

    def _is_ours(self, binding):
        return bool(binding) and not binding.imported

    def _create_records(self, session, arrivals):
        result = super()._create_records(session, arrivals)
        session.once(("entries imported now",), set).update(
            ("account.move", arrival.record.id) for arrival in arrivals)
        return result

    def _update(self, session, arrival):
        """An entry that was written in Odoo has more than QuickBooks knows: a person changes it."""
        if not self._is_ours(arrival.binding):
            return super()._update(session, arrival)
        if not set(arrival.fields) <= NOTE_FIELDS:
            raise UserError(self.env._(
                "QuickBooks changed an entry that was written in Odoo. Change %(entry)s here by hand, or put it back "
                "there, then retry.", entry=arrival.record.display_name))
        return None

    def _remove(self, session, binding, operation):
        if self._is_ours(binding):
            return self.env._(
                "It was deleted in QuickBooks and is still booked in Odoo. Reverse it here, or clear its ID to send it "
                "again.")
        return super()._remove(session, binding, operation)
