"""Starts the sandbox on a port and stops it on a signal. The only module that knows both sockets and the sandbox."""

import asyncio
import errno
import signal
import sys
from dataclasses import replace

from tiktok_sandbox.options import Options
from tiktok_sandbox.sandbox import Sandbox
from tiktok_sandbox.state import BadState
from tiktok_sandbox.wire import Connection

try:
    import uvloop
except ImportError:
    uvloop = None

CANNOT_START = 2


def run(options: Options) -> int:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop if uvloop is not None else None) as runner:
        return runner.run(_serve(options))


async def _serve(options: Options) -> int:
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, stop.set)
    open_connections: set[Connection] = set()
    sandbox: Sandbox | None = None

    def connect() -> Connection:
        assert sandbox is not None
        return Connection(sandbox.handle, open_connections)

    try:
        server = await loop.create_server(connect, options.host, options.port, start_serving=False, backlog=1024)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        print(
            f"Port {options.port} on {options.host} is taken. Choose another with --port N, or --port 0 for any free one.", file=sys.stderr
        )
        return CANNOT_START
    port = server.sockets[0].getsockname()[1]
    try:
        sandbox = Sandbox(replace(options, port=port))
    except BadState as error:
        print(error, file=sys.stderr)
        return CANNOT_START
    await server.start_serving()
    host = f"[{options.host}]" if ":" in options.host else options.host
    print(f"ready http://{host}:{port}", flush=True)
    await stop.wait()
    server.close()
    for connection in list(open_connections):
        connection.close()
    sandbox.desk.webhooks.clear()
    return 0
