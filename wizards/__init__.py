from . import (
    base_partner_merge,
    qbo_bounce_wizard,
    qbo_conflict_wizard,
    qbo_rates_wizard,
    qbo_relink_wizard,
    qbo_retry_wizard,
    qbo_sync_now_wizard,
    qbo_sync_wizard,
)

# isort: split
from . import qbo_relink_stock  # after the dialog that it extends
