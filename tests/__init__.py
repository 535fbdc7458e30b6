from . import (
    test_approval,
    test_before_activation,
    test_budget,
    test_connected,
    test_connection,
    test_customers,
    test_customers_out,
    test_engine,
    test_error_guide,
    test_export,
    test_failures,
    test_hooks_masterdata,
    test_import,
    test_interrupted_sync,
    test_items,
    test_mapping,
    test_masterdata_sync,
    test_numbers,
    test_payments,
    test_payments_in,
    test_screenshots,
    test_secrets,
    test_simulated_lists,
    test_status,
    test_tours,
    test_two_workers,
    test_webhook,
    test_wizards,
)
from . import test_changes_in
from . import test_approved_once
from . import test_open_balance
from . import test_currencies
from . import test_conflict_screen
