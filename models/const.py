"""Selections that several tables share. Labels are translated through the fields that use them."""

# Entities in the order in which they must cross: a document needs its customer and items first.
ENTITIES = [
    ("Account", "Accounts"),
    ("TaxCode", "Tax codes"),
    ("Term", "Payment terms"),
    ("PaymentMethod", "Payment methods"),
    ("Customer", "Customers"),
    ("Item", "Products and services"),
    ("Invoice", "Invoices"),
    ("CreditMemo", "Credit memos"),
    ("SalesReceipt", "Sales receipts"),
    ("RefundReceipt", "Refund receipts"),
    ("JournalEntry", "Journal entries"),
    ("Deposit", "Bank deposits"),
    ("Purchase", "Expenses and cheques"),
    ("Payment", "Payments"),
]
ENTITY_SEQUENCE = {entity: sequence for sequence, (entity, _label) in enumerate(ENTITIES)}

# Lists that people map to, cached in qbo.reference; never changed from Odoo.
REFERENCE_ENTITIES = [
    ("Account", "Accounts"),
    ("TaxCode", "Tax codes"),
    ("TaxRate", "Tax rates"),
    ("Term", "Payment terms"),
    ("PaymentMethod", "Payment methods"),
    ("Item", "Products and services"),
    ("Class", "Classes"),
    ("Department", "Locations"),
    ("CustomerType", "Customer types"),
    ("CompanyCurrency", "Currencies"),
]

# Records with a binding: they cross in both directions by the rules of qbo.policy.
SYNCED_ENTITIES = [(entity, label) for entity, label in ENTITIES
                   if entity in ("Customer", "Item", "Invoice", "CreditMemo", "SalesReceipt", "RefundReceipt",
                                 "JournalEntry", "Deposit", "Purchase", "Payment")]

# What moves receivables without being a sales document or a payment. One rule is for all of them.
ENTRY_ENTITIES = ("JournalEntry", "Deposit", "Purchase")
POLICY_OF = dict.fromkeys(ENTRY_ENTITIES, "ReceivableEntry")
POLICY_ENTITIES = [pair for pair in SYNCED_ENTITIES if pair[0] not in ENTRY_ENTITIES]
POLICY_ENTITIES.insert(-1, ("ReceivableEntry", "Receivable entries"))

STATUSES = [
    ("synced", "Synced"),
    ("syncing", "Syncing"),
    ("approval", "Waiting for approval"),
    ("not_synced", "Not synced"),
    ("failed", "Failed"),
    ("conflict", "Conflict"),
    ("missing", "Missing in QuickBooks"),
    ("skipped", "Skipped"),
    ("excluded", "Excluded"),
]

DIRECTIONS = [("out", "To QuickBooks"), ("in", "From QuickBooks")]

JOB_STATES = [
    ("approval", "Waiting for approval"),
    ("pending", "Pending"),
    ("sending", "Sending"),
    ("done", "Done"),
    ("warning", "Done, please look"),
    ("failed", "Failed"),
    ("blocked", "Waiting for something else"),
    ("conflict", "Conflict"),
    ("skipped", "Skipped"),
    ("cancelled", "Overtaken"),
]
OPEN_JOB_STATES = ("approval", "pending", "failed", "blocked", "conflict")
PROBLEM_JOB_STATES = ("failed", "blocked", "conflict")
# What stands under Problems. A change of Odoo that waits for QuickBooks' change to be decided is no second problem.
PROBLEM_DOMAIN = [
    ("state", "in", PROBLEM_JOB_STATES), "|", ("state", "!=", "blocked"), ("blocked_key", "not =like", "in:%")]

# Problems of records that cannot be changed in Odoo any more; what changed can be booked beside them.
LOCKED_CODES = ("locked_change", "secured")

# What a person decided about a whole change that waits: the side that made it takes the other side's words again.
PUT_QBO, PUT_ODOO = "put_qbo", "put_odoo"
# Of a payment: nothing changed, but what it settles is here now.
REST = "rest"

# In place of a content hash: approved together with the document that needs it.
IMPLIED = "implied"

OPERATIONS = [
    ("sync", "Create or update"),
    ("delete", "Delete"),
    ("void", "Void"),
]

ENVIRONMENTS = [("simulator", "Simulator"), ("sandbox", "Sandbox"), ("production", "Production")]

BACKEND_STATES = [
    ("draft", "Not connected"),
    ("connected", "Connected"),
    ("active", "Active"),
    ("reconnect", "Reconnect needed"),
    ("key_missing", "Encryption key missing"),
    ("copied", "Copy of another database"),
]

TAX_MODES = [
    ("none", "No tax on sales"),
    ("us_manual", "US, rates kept in QuickBooks"),
    ("us_automated", "US, calculated by QuickBooks"),
    ("global", "A tax code on each line"),
]

# What documents wait for that have a line without a tax, where QuickBooks wants a tax code on each.
UNTAXED_KEY = "set:untaxed_code_id"

# Records that a plan of QuickBooks Online does not have; the words are looked for in the plan's name. A plan that is
# not listed is taken to have everything, and QuickBooks itself says no.
PLAN_LACKS = {
    "ledger": ("Invoice", "CreditMemo", "SalesReceipt", "RefundReceipt", "Payment"),
}

# What addons make entries from by themselves: the point of sale, and others; fields of entries. Payments and bank lines
# of the point of sale name its session.
POS_FIELDS = ("pos_session_ids", "pos_payment_ids")
STAYING_FIELDS = (
    "tax_cash_basis_rec_id", "tax_cash_basis_origin_move_id", "stock_move_ids", "pos_order_ids",
    "deferred_original_move_ids", "closing_return_id")
POS_SESSION = "pos_session_id"

# In US companies a line says TAX or NON; neither stands for a tax of Odoo.
PSEUDO_TAX_CODES = ("TAX", "NON")

ENTRY_GONE = "entry_gone"
"""Error code of a document that names a contact or product which QuickBooks does not have any more."""

MADE_AGAIN = {("Invoice", "account.move"), ("CreditMemo", "account.move"), ("Payment", "account.payment")}
"""Entities and models of what is made again from QuickBooks after Odoo deleted it."""
