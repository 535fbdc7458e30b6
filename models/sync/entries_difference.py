"""What a payment or a bank line writes off in its own entry: a journal entry in QuickBooks, used by that payment."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from odoo import models

from ...qbo import documents
from .entries_role import WRITTEN_OFF
from .sales import money
from .session import Need, Reading, Target


@dataclass(frozen=True)
class Received:
    """Money that came in: its record, its entry, and the items of it that are the money; amounts in ``currency``."""

    record: Any
    move: Any
    partner: Any
    currency: Any
    amount: Decimal
    items: Any
    memo: str


class QboSyncJournalEntry(models.AbstractModel):
    """The difference between what came in and what it settles: bad debt, a fee, an early discount, a rounding."""

    _inherit = "qbo.sync.journalentry"

    def _difference_targets(self, session, model, ids):
        records = self.env[model].browse(ids).exists()
        return [Target("JournalEntry", model, record.id, WRITTEN_OFF)
                for record in records if self._difference(session, record)]

    def _received(self, record):
        """Return what came in by a payment or a bank line; None for anything else."""
        if record._name == "account.payment":
            return Received(
                record, record.move_id, record.partner_id, record.currency_id,
                self.env["qbo.sync.payment"]._came_in(record), record._seek_for_lines()[0], record.memo or "")
        line, owed = record.statement_line_id, self._owed(record)
        items = record.line_ids.filtered(lambda item: item.account_id == record.journal_id.default_account_id)
        currency = (owed | items).currency_id
        if not line or len(currency) != 1 or record.journal_id.suspense_account_id in record.line_ids.account_id:
            return None
        return Received(record, record, owed.partner_id.commercial_partner_id[:1], currency, sum(
            (money(item.amount_currency, currency) for item in items), documents.ZERO), items, line.payment_ref or "")

    def _difference(self, session, record):
        """Return how much less (below 0: more) than what it settles came in, in its currency; 0 where none crosses."""
        if not (session.allows("JournalEntry", "out") and session.allows("Payment", "out")):
            return documents.ZERO
        amount = self._written_off(record)
        return amount if amount and self._may_differ(session, record, amount) else documents.ZERO

    def _written_off(self, record):
        received = self._received(record)
        owed = self._owed(received.move) if received and received.move.state == "posted" else None
        # Money of another currency than that of the invoice is told in that of the invoice, and so is the rest.
        if not owed or owed.matched_debit_ids.debit_currency_id - received.currency:
            return documents.ZERO
        settled = -sum((money(item.amount_currency, received.currency) for item in owed), documents.ZERO)
        return settled - received.amount

    def _may_differ(self, session, record, amount):
        """A bank line over more than it settles is also money for something else: only its fee belongs to it."""
        payments = session.handler("Payment")
        if session.is_excluded("Payment", record._name, record.id):
            return False
        if record._name == "account.payment":
            return payments._in_scope(session, record)
        cutoff = session.policies["Payment"].cutoff_date
        return amount > 0 and not (cutoff and record.date < cutoff) and record.company_id.id in session.company_ids \
            and not payments._stays_home(session, record.journal_id) and payments._parts(session, record) == [""]

    # === READING === #

    def _read_difference(self, session, target, record):
        received = self._received(record)
        reading = Reading(target, name=self._difference_name(record), date=record.date)
        if record.state == "draft":
            reading.stay = self.env._("It is a draft in Odoo.")
            return reading
        amount = self._difference(session, record)
        if not amount:
            reading.gone = "delete"
            return reading
        reading.partner_name = received.partner.commercial_partner_id.display_name or ""
        reading.currency_id = received.currency.id
        others = received.move.line_ids - self._owed(received.move) - received.items
        note = " · ".join(filter(None, (received.move.name, " ".join(received.memo.split()))))
        settled = self._owed(received.move).matched_debit_ids.debit_move_id.move_id
        payer = session.handler("Payment")._payer(session, received.partner, settled, received.currency)[0]
        self._fill(session, reading, payer, received.currency,
                   [(-amount, -sum(others.mapped("balance")))], others, note, settled)
        return reading

    def _difference_name(self, record):
        return self.env._("Difference of %(payment)s", payment=record.display_name)

    # === PAYMENTS USE IT === #

    def _difference_lines(self, session, reading, record, lines):
        """Return the line of a payment that stands for what it writes off; a need while QuickBooks does not have it."""
        amount = self._difference(session, record)
        if not amount:
            return []
        target = Target("JournalEntry", record._name, record.id, WRITTEN_OFF)
        qbo_id = session.qbo_id(*target)
        if not qbo_id:
            reading.needs.append(Need(target.key(), self.env._(
                "What %(payment)s writes off is not in QuickBooks yet.", payment=record.display_name), target,
                self._difference_name(record)))
            return []
        settled = session.handler("Payment")._applied(lines)
        room = settled if amount > 0 else self._received(record).amount - settled
        used = min(abs(amount), room)
        return [documents.PaymentLine(used, txn_id=qbo_id, txn_type="JournalEntry", credit=amount > 0)] if used > 0 \
            else []
