"""What is found here before anything is sent, and what Odoo refuses, in the words of a bookkeeper.

Codes that begin with ``data_`` are those of :class:`~.mapping.errors.MappingError`.
"""

from .guide_entry import Guide, same

LOCAL: tuple[Guide, ...] = (
    # ------------------------------------------------------------------ found by this addon, before anything is sent
    Guide(
        "missing",
        "It was deleted in QuickBooks.",
        "Clear its ID to create it there again, or link it to another record, with Mend the link.",
        "link",
    ),
    Guide(
        "entry_gone",
        "A contact or product that the document names is not in QuickBooks any more.",
        "Mend the link opens that contact or product: link it to the entry that it was merged into, or clear its ID, "
        "and it is created again. The document then goes by itself.",
        "link",
    ),
    Guide(
        "id_taken",
        "QuickBooks has it under an ID that another Odoo record is linked to.",
        "Open both records, and relink or clear the ID of the one that is wrong.",
        "link",
    ),
    Guide(
        "merged_here",
        "Customers were merged in Odoo and are still several in QuickBooks.",
        "Merge them in QuickBooks too: open the customer that is not needed any more, change its name to exactly that "
        "of the other, and say yes to merging. It is found with the next sync. Or skip it: both then stay there, and "
        "count for the one contact here.",
        "merge",
    ),
    Guide(
        "merged_there",
        "Records were merged in QuickBooks and are still several in Odoo.",
        "Merge the contacts in Odoo, or skip it: both then stay here, and stand for the one in QuickBooks.",
        "merge",
    ),
    Guide(
        "dependency_off",
        "It needs another record that the rules keep from going to QuickBooks.",
        "Link that record to its counterpart in QuickBooks, or let an administrator change its direction, then retry.",
        "check_data",
    ),
    Guide(
        "several_taxes",
        "It has several taxes where QuickBooks takes one: one for a whole document in the US, one on a line elsewhere.",
        "Taxes that are charged together: map a tax of the type 'Group of Taxes' that consists of them to QuickBooks' "
        "combined code. Else give all taxed lines the same tax, or make one document for each tax, then retry.",
        "check_data",
    ),
    Guide(
        "several_currencies",
        "The payment settles documents of several currencies, and a payment in QuickBooks has one.",
        "Undo the reconciliation, register one payment for each currency, then retry.",
        "check_data",
    ),
    Guide(
        "only_worth",
        "A revaluation is reconciled with a document, and it has no amount in the document's currency.",
        "Undo that reconciliation: each book revalues by itself. Register the payment or write the rest off instead.",
        "check_data",
    ),
    Guide(
        "not_open",
        "QuickBooks applies more than is open on one of the documents in Odoo.",
        "Undo in Odoo the reconciliation that is named; the payment then comes over with the next sync. Or take the "
        "amount off that document in QuickBooks.",
        "check_data",
    ),
    Guide(
        "taken_there",
        "Something else settles the document in QuickBooks, so that less is open there than Odoo applies.",
        "Take off in QuickBooks what settles it there, or change in Odoo what is applied. It goes by itself as soon as "
        "enough is open there.",
        "check_data",
    ),
    Guide(
        "several_customers",
        "The payment settles documents of customers that have nothing to do with each other.",
        "A payment in QuickBooks is of one customer, with those below and above it. Undo the reconciliation, register "
        "one payment for each customer, then retry.",
        "check_data",
    ),
    Guide(
        "note_applied",
        "A note that books the difference of a locked document settles something else.",
        "Undo that reconciliation, and reconcile the note with the document that is named. The rest goes by itself.",
        "check_data",
    ),
    Guide(
        "receipt_open",
        "Money or credit is applied to a receipt, which has its own money in QuickBooks.",
        "Undo that reconciliation, or cancel the receipt. The rest goes by itself.",
        "check_data",
    ),
    Guide(
        "locked",
        "Its date lies in a period that is locked in Odoo.",
        "Open the period in Odoo for a moment, or change the date in QuickBooks, then retry.",
        "open_period",
    ),
    *same(
        ("locked_change", "secured"),
        "QuickBooks changed a record that cannot be changed in Odoo any more.",
        "Book the difference: a debit or credit note of the difference alone in the open period (a payment is "
        "returned by an entry), bound to the same record of QuickBooks. Or open the period in Odoo for a moment, then "
        "retry; or undo the change in QuickBooks.",
        "difference",
    ),
    Guide(
        "closed_there",
        "Its date lies in a period that is closed in QuickBooks.",
        "Undo the change in Odoo and make a credit note in the open period instead (a new document: give it a date in "
        "the open period). Or open the period in QuickBooks (Settings, Advanced, Accounting) for a moment, then retry.",
        "credit_note",
    ),
    Guide(
        "no_customer",
        "It books receivables of nobody, and QuickBooks takes no entry on receivables without a customer.",
        "Put the customer on the line, or book it on another account, then retry.",
        "check_data",
    ),
    Guide(
        "no_clearing",
        "It is not clear which account stands against its receivables.",
        "Have an administrator choose a clearing account for receivable entries (Rules of the connection), map it, "
        "then retry.",
        "check_data",
    ),
    Guide(
        "no_receivable_account",
        "QuickBooks has no receivable account in its currency yet.",
        "QuickBooks makes one with the first invoice in that currency. Send or write one, then retry.",
        "check_data",
    ),
    Guide(
        "currency",
        "Its currency is not active in Odoo.",
        "Activate the currency and give it a rate in Odoo, then retry.",
        "check_data",
    ),
    Guide(
        "odoo_refused",
        "Odoo refused to take it over.",
        "Mend what Odoo says in the record or in its settings, then retry.",
        "check_data",
    ),
    Guide(
        "not_comparable",
        "Both sides changed in a way that cannot be put together.",
        "Make both sides say the same by hand, then retry.",
        "check_data",
    ),
    # ------------------------------------------------------------------ data that the other side cannot take
    Guide("data_missing", "A value that QuickBooks requires is empty.", "Fill it in, then retry.", "check_data"),
    Guide("data_too_long", "A text is longer than QuickBooks allows.", "Shorten it, then retry.", "check_data"),
    Guide(
        "data_forbidden_character",
        "A name has a colon, a tab or a line break, which QuickBooks does not allow.",
        "Take the character out of the name, then retry.",
        "check_data",
    ),
    Guide(
        "data_precision",
        "A figure has more digits than QuickBooks can hold.",
        "Round it, then retry.",
        "check_data",
    ),
    Guide(
        "data_unsupported_kind",
        "It has a kind of line or record that does not cross yet.",
        "Skip it and book it by hand on the other side, or change it there to one that crosses, then retry.",
        "check_data",
    ),
    Guide(
        "data_us_line_tax_code",
        "A line has a tax that QuickBooks companies in the United States cannot have on single lines.",
        "Correct the tax of the line, then retry.",
        "check_data",
    ),
    Guide(
        "data_tax_not_enabled",
        "It has sales tax, but sales tax is switched off in QuickBooks.",
        "Switch sales tax on in QuickBooks, or take the tax off the document, then retry.",
        "check_data",
    ),
    *same(
        ("currency_not_enabled", "data_currency_not_enabled"),
        "It is in a foreign currency, but multicurrency is switched off in QuickBooks.",
        "Switch multicurrency on in QuickBooks (it cannot be switched off again), press Refresh lists under "
        "Mappings, then retry.",
        "check_data",
    ),
    Guide(
        "data_missing_exchange_rate",
        "It is in a foreign currency without an exchange rate.",
        "Enter the rate of the day in Odoo, then retry.",
        "check_data",
    ),
    Guide(
        "data_discount_not_enabled",
        "It has a discount, but discounts are switched off in QuickBooks.",
        "Switch discounts on in QuickBooks (Account and settings, Sales), press Refresh lists under Mappings, "
        "then retry.",
        "check_data",
    ),
    Guide(
        "data_several_discounts",
        "It has more than one discount line; QuickBooks holds one for each document.",
        "Put the discounts together, then retry.",
        "check_data",
    ),
    Guide(
        "data_over_applied",
        "It settles more than the money and the credits that it has.",
        "Correct what it is applied to, then retry.",
        "check_data",
    ),
    Guide(
        "data_total_mismatch",
        "Its lines and tax do not add up to its total.",
        "Correct the document, then retry.",
        "check_data",
    ),
    *same(
        ("data_negative_total", "data_negative_amount"),
        "Its amount is below zero, which QuickBooks does not allow.",
        "Make it a document of the other kind (a credit note instead of an invoice), then retry.",
        "check_data",
    ),
    *same(
        ("data_malformed", "data_ambiguous", "data_deleted", "data_unknown_entity", "data_void_is_an_operation"),
        "QuickBooks says something here that could not be understood.",
        "Look at the record in QuickBooks, correct it or save it again there, then retry.",
        "check_data",
    ),
)
