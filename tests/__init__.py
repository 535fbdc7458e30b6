from . import test_error_guide
from . import test_mapping
