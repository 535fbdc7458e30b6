from . import test_error_guide
from . import test_mapping
from . import test_customers
from . import test_connection
from . import test_secrets
from . import test_webhook
from . import test_hooks_masterdata
from . import test_items
