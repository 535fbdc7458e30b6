"""The exchange difference of a partial reconciliation belongs to that one, also where many are made at once."""

from odoo import models


class Caused:
    """What one reconciliation causes: (debit item id, credit item id) of partials, and their exchange differences.

    Equal to nothing but itself: Odoo reuses an environment whose context is equal.
    """

    def __init__(self):
        self.pairs, self.moves = [], []


class AccountMoveLine(models.Model):
    """Odoo links each exchange difference to the first partial that shares a journal item with it.

    Of a payment for several documents that may be another one. Undoing that other one would then reverse the wrong
    difference, and leave in the ledger money that nobody owes. The partial that caused a difference is known while both
    are made; it is kept in the context and the link corrected after. Companies without a connection keep Odoo's links.
    """

    _inherit = "account.move.line"

    def _reconcile_plan_with_sync(self, plan_list, all_amls):
        backends = self.env["qbo.backend"]
        if not any(backends._id_for_company(company.id) for company in all_amls.company_id):
            return super()._reconcile_plan_with_sync(plan_list, all_amls)
        caused = Caused()
        result = super(AccountMoveLine, self.with_context(qbo_exchange=caused))._reconcile_plan_with_sync(
            plan_list, all_amls)
        if caused.moves and len(caused.pairs) == len(caused.moves):
            move_of = dict(zip(caused.pairs, caused.moves, strict=True))
            for plan in plan_list:
                plan["partials"].exists()._qbo_take_exchange_moves(move_of)
        return result

    def _prepare_reconciliation_plan(self, plan, aml_values_map, *args, **kwargs):
        results = super()._prepare_reconciliation_plan(plan, aml_values_map, *args, **kwargs)
        caused = self.env.context.get("qbo_exchange")
        if caused:
            caused.pairs += [
                (result["partial_values"]["debit_move_id"], result["partial_values"]["credit_move_id"])
                for result in results
                if result.get("exchange_values") and result["exchange_values"]["move_values"]["line_ids"]]
        return results

    def _create_exchange_difference_moves(self, exchange_diff_values_list):
        moves = super()._create_exchange_difference_moves(exchange_diff_values_list)
        caused = self.env.context.get("qbo_exchange")
        if caused:
            caused.moves += moves
        return moves


class AccountPartialReconcile(models.Model):
    _inherit = "account.partial.reconcile"

    def _qbo_take_exchange_moves(self, move_of):
        """Link each partial to the exchange difference that it caused, and to no other.

        :param move_of: {(debit item id, credit item id): exchange difference}
        """
        for partial in self:
            own = move_of.get((partial.debit_move_id.id, partial.credit_move_id.id))
            if partial.exchange_move_id != (own or partial.exchange_move_id.browse()):
                partial.exchange_move_id = own
