"""`python -m tiktok_sandbox --port N`"""

import sys

from tiktok_sandbox.options import parse
from tiktok_sandbox.server import run

sys.exit(run(parse()))
