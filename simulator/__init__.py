"""A stateful stand-in for QuickBooks Online: OAuth, the v3 accounting API, webhooks, faults and a small web page."""
