"""Exit 0 when the web server in this container answers. Asks under the public name, because other names are refused."""

import os
import sys
from http.client import HTTPConnection
from urllib.parse import urlsplit

connection = HTTPConnection("127.0.0.1", 8000, timeout=4)
connection.request("GET", "/healthz", headers={"Host": urlsplit(os.environ["APP_URL"]).netloc})
sys.exit(connection.getresponse().status != 200)
