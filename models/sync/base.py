"""The contract of an entity handler. Other addons change one entity by ``_inherit`` of its handler."""

from odoo import models

from ...qbo import mapping


class QboSyncEntity(models.AbstractModel):
    """Reads Odoo records into neutral forms and applies neutral forms to Odoo, for one entity of QuickBooks.

    A handler talks to nobody: it gets a session (see ``session.py``), records or arrivals, and returns plain values.
    It runs as superuser in the company of the backend; it never commits.
    """

    _name = "qbo.sync.entity"
    _description = "QuickBooks Sync Handler"

    _qbo_entity = ""

    # === OUT: ODOO TO QUICKBOOKS === #

    def _targets(self, session, model, ids):
        """Tell which records of this entity a changed Odoo record concerns.

        :param str model: the model that was marked as changed; most handlers answer [] for most models
        :param list ids: ids of that model; some may be deleted meanwhile
        :return: list of Target; being in scope is judged later, by :meth:`_read`
        """
        return []

    def _scan_ids(self, session, since):
        """Return ``[(model, ids)]`` written since ``since`` (all when None): what a hook may have missed."""
        return []

    def _read(self, session, targets):
        """Read records into neutral forms, in bulk.

        :return: {target: Reading}; a record that does not exist any more is ``gone='delete'``
        """
        raise NotImplementedError

    def _complete(self, wanted, theirs, ours=None):
        """Return what QuickBooks should say, with what only QuickBooks knows inside changed parts put back in.

        :param wanted: the neutral form that is about to be sent
        :param theirs: what QuickBooks said last
        :param ours: what Odoo said when both sides last agreed; None when that is not known
        """
        return wanted

    def _formed(self, session, wanted, theirs):
        """Return what is about to be sent in the form that QuickBooks gets, where there are several for the same.

        :param theirs: what QuickBooks said last; None for a new object
        """
        return wanted

    def _beside(self, session, target, theirs, wanted):
        """Return what QuickBooks should say, with what it says beside and Odoo cannot say.

        :param theirs: what QuickBooks said last
        :param wanted: the same with the changes of Odoo
        """
        return wanted

    # === IN: QUICKBOOKS TO ODOO === #

    def _watched(self, session):
        """Tell whether the objects are read although the rule does not let them come in."""
        return False

    def _sift(self, session, rows, asked=False):
        """Return what concerns Odoo of ``rows``, {QuickBooks id: payload}.

        :param bool asked: a document of ours needs these objects, whatever their date
        """
        return rows

    def _arrived(self, session, payload):
        """Return the neutral form of a payload, as it is compared and applied.

        :raise MappingError: when it cannot be read
        """
        return mapping.from_qbo(self._qbo_entity, payload)

    def _customer_name(self, session, row, document):
        """Return the customer's name that a payload carries."""
        return (row.get("CustomerRef") or {}).get("name", "")

    def _nothing_in(self, document):
        """Return in words why there is nothing to bring over of an object that is linked to nothing; '' if there is."""
        return ""

    def _prepare(self, session, arrivals):
        """Fill ``needs`` / ``problem`` of arrivals that cannot be applied yet, in bulk (links, mappings, locks)."""

    def _match(self, session, arrivals):
        """Return {qbo_id: record} of existing Odoo records that arrivals without a link are the same as."""
        return {}

    def _link_ignore(self, session, ours, theirs):
        """Return the fields whose difference is no conflict when two records are linked for the first time."""
        return frozenset()

    def _create_records(self, session, arrivals):
        """Create Odoo records in bulk and set ``arrival.record`` on each."""
        raise NotImplementedError

    def _update(self, session, arrival):
        """Write the fields ``arrival.fields`` of ``arrival.document`` to ``arrival.record``."""
        raise NotImplementedError

    def _remove(self, session, binding, operation):
        """Do in Odoo what 'delete' or 'void' in QuickBooks means; return a sentence for the history.

        :raise UserError: when Odoo refuses (lock date, hashed journal); the job fails with that sentence
        """
        raise NotImplementedError

    def _remove_locked(self, session, binding, job):
        """Do what a deletion means to a record that cannot be changed any more; '' when it can be changed.

        :return: a sentence for the history
        :raise LockedInOdoo: when a person has to decide
        """
        return ""

    def _importing(self, session, model):
        """Return ``model`` in the context of an import: nothing is mailed, nobody follows."""
        records = self.env[model].with_context(
            mail_create_nosubscribe=True, mail_create_nolog=True, mail_notrack=True,
            mail_auto_subscribe_no_notify=True)
        # Without tracking an import is 13 % quicker; a company that keeps an audit trail keeps it here too.
        if not session.backend.company_id.restrictive_audit_trail:
            records = records.with_context(tracking_disable=True)
        return records

    def _sends(self, target):
        """Tell whether what Odoo changed of a record goes to QuickBooks; an entry that came from there only comes."""
        return True

    # === BOTH === #

    def _settled(self, session, binding):
        """Do what a new or renewed link entails: links of further records that are the same object."""

    def _left(self, session, binding):
        """Do what follows when an object was voided or deleted in QuickBooks because its record is gone here."""

    def _label(self, session, document):
        """Return what a person calls this document: 'Invoice 1043'."""
        return self._qbo_entity

    def _follows(self, session, base, theirs):
        """Tell whether QuickBooks' change only follows from one of Odoo's, so that Odoo is right about it."""
        return False

    def _whole(self, session, binding, document):
        """Return ``document`` with the amounts of the records that stand beside it for the same object."""
        return document

    def _preview(self, document):
        """Return in words what QuickBooks would do by itself with a document that a person approves; '' for nothing."""
        return ""

    def _round_off(self, session, parcel, echo):
        """Have what was sent go once more where only its rounding came back different; tell whether it does."""
        return False

    def _accepted(self, document, echo):
        """Return what of a document QuickBooks has accepted, by its answer: it is what both sides agree on."""
        return document

    def _totals(self, document):
        """Return {label: amount} that must be equal on both sides after a crossing (empty for list records)."""
        return {}
