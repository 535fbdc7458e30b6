from . import base
from . import propose, reference
