"""Which backend serves a document, and where a record lies in QuickBooks' web client."""

from odoo import api, models
from odoo.tools import SQL

from .qbo_status_mixin import PAGES, WEB_CLIENTS


class QboBackend(models.Model):
    _inherit = "qbo.backend"

    def _qbo_page_url(self, entity, qbo_id):
        """Return the address of a record's page in QuickBooks (or in the simulator); '' when it has no page."""
        self.ensure_one()
        if entity not in PAGES or not qbo_id:
            return ""
        if self.environment == "simulator":
            return f"{self._simulator_url().rstrip('/')}/app/{self.realm_id}/{entity.lower()}/{qbo_id}"
        return WEB_CLIENTS[self.environment] + PAGES[entity] % qbo_id

    @api.model
    def _qbo_sql_of_company(self, company):
        """Return SQL for the id of the backend that serves a company; NULL for none.

        :param SQL company: expression of the company's id
        """
        branches = [
            SQL("WHEN %s THEN %s", company_id, backend_id)
            for backend_id, company_ids in self._ids_marking()
            for company_id in sorted(company_ids)
        ]
        if not branches:
            return SQL("NULL::int4")
        return SQL("(CASE %s %s END)", company, SQL(" ").join(branches))

    @api.model
    def _qbo_ids_of_documents(self, documents):
        """Return {document id: id of the backend that serves its company}, without documents that none serves."""
        served = {
            company_id: backend_id for backend_id, company_ids in self._ids_marking() for company_id in company_ids
        }
        return {
            document.id: served[document.company_id.id]
            for document in documents._origin
            if document.company_id.id in served
        }
