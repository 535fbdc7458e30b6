"""What is in dispute between both sides, field by field: shown to a person, and decided by the person's choices."""

from odoo import models

from ...qbo import decide
from ...qbo.describe import field_text
from .outbox import approval_hash


class QboSyncDispute(models.AbstractModel):
    _name = "qbo.sync.dispute"
    _description = "QuickBooks Disputes"

    def _rows(self, session, base, decision):
        """Return the rows of the conflict screen: what means something only together is one row.

        Each is ``{"fields", "label", "base", "odoo", "qbo"}`` with texts in the words of a bookkeeper.
        """
        wording = self.env["qbo.sync.wording"]
        labels = wording._labels()
        documents = {"base": base.odoo or base.qbo, "odoo": decision.to_odoo, "qbo": decision.to_qbo}
        spoken = {side: wording._spoken(session, document) for side, document in documents.items()}
        return [
            {"fields": names, "label": ", ".join(labels.get(name, name.replace("_", " ")) for name in names), **{
                side: self._text(document, names, labels) for side, document in spoken.items()}}
            for names in self._together(decision.conflict_fields)]

    def _text(self, document, names, labels):
        texts = [field_text(document, name, labels) for name in names]
        if len(names) == 1:
            return texts[0]
        return "\n".join(
            f"{labels.get(name, name.replace('_', ' '))}: {text or '-'}"
            for name, text in zip(names, texts, strict=True))

    def _together(self, fields):
        """Return the fields in lists: those of one group are decided together."""
        rows, seen = [], set()
        for name in fields:
            group = next((group for group in decide.GROUPS if name in group), {name})
            if name not in seen:
                rows.append([other for other in fields if other in group])
                seen.update(rows[-1])
        return rows

    def _choices(self, session, job, base, decision):
        """Return a person's choices {field: side}, empty when the dispute is another one by now."""
        if not job.choices or job.dispute != self._rows(session, base, decision):
            return {}
        return job.choices

    def _approve_rest(self, session, arrival, decision, target):
        """A person who said that Odoo is right has approved that it goes to QuickBooks: nobody is asked once more.

        Unless there is more to send than what the person decided about.
        """
        job = arrival.job
        decided = set(decision.conflict_fields)
        if decided & set(decide.FIGURES):
            decided |= set(decide.FIGURES)
        if not (job.choices or job.resolution == "odoo") or set(decision.push_fields) - decided:
            return
        reading = session.handler(arrival.entity)._read(session, [target])[target]
        jobs = self.env["qbo.sync.outbox"]._open_jobs(session, {target})
        for waiting in jobs.values():
            waiting.write({
                "approved_hash": approval_hash(reading), "approved_by_id": job.approved_by_id.id,
                "approved_at": job.approved_at})


class QboSyncApplier(models.AbstractModel):
    _inherit = "qbo.sync.applier"

    def _update_arrival(self, session, handler, arrival, decision):
        """Let a handler write what only QuickBooks changed.

        Documents are written as a whole, so they are given what they shall say in the end: fields that go to QuickBooks
        keep Odoo's words.
        """
        theirs = arrival.document
        if decision.push_fields and hasattr(theirs, "lines"):
            arrival.document = decision.to_odoo
        try:
            handler._update(session, arrival)
        finally:
            arrival.document = theirs
