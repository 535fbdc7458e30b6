"""How to talk to QuickBooks Online, and how to decide what to say: pure Python that knows nothing of Odoo."""
