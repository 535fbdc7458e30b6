"""Starts Odoo's command line.

A file of its own, because with workers ``python -m odoo`` respawns its gevent process for ever.
"""

import odoo.cli

if __name__ == "__main__":
    odoo.cli.main()
