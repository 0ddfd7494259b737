"""Prefect's own server behind the guard: `python -m flows.guarded_server --port 4200`.

It is what `prefect server start` starts, on loopback only, but closed to other web pages (flows/guard.py).
Further origins, say of a proxy, are opened by name: PREFECT_SERVER_CORS_ALLOWED_ORIGINS.
"""

import argparse
import sys

import uvicorn
from prefect.server.api.server import create_app
from prefect.settings import (
    PREFECT_SERVER_API_KEEPALIVE_TIMEOUT,
    PREFECT_SERVER_CORS_ALLOWED_ORIGINS,
    PREFECT_UI_API_URL,
    temporary_settings,
)

from flows import NO_ORIGIN
from flows.guard import Guard

HOST = "127.0.0.1"


def own_origins(port: int) -> list[str]:
    """The addresses under which a browser on this machine reaches the server, the one to print first."""
    return [f"http://{HOST}:{port}", f"http://localhost:{port}"]


def run(port: int, *, temporary: bool) -> None:
    """Serve until a signal ends it; `temporary`: without the UI and what only serves schedules."""
    opened = PREFECT_SERVER_CORS_ALLOWED_ORIGINS.value().split(",")
    origins = [*own_origins(port), *(origin.strip() for origin in opened if origin != NO_ORIGIN)]
    settings = {
        PREFECT_SERVER_CORS_ALLOWED_ORIGINS: ",".join(origins),
        PREFECT_UI_API_URL: f"{origins[0]}/api",
    }
    with temporary_settings(settings):
        uvicorn.run(
            Guard(create_app(ephemeral=temporary, final=True), origins),
            host=HOST,
            port=port,
            log_level="warning",
            timeout_keep_alive=PREFECT_SERVER_API_KEEPALIVE_TIMEOUT.value(),
        )


def main() -> int:
    """Serve on the port that the command line names."""
    parser = argparse.ArgumentParser(
        prog="python -m flows.guarded_server", description="Prefect's server, closed to other web pages."
    )
    parser.add_argument("--port", type=int, default=4200, help="where it listens, on loopback (4200)")
    parser.add_argument("--temporary", action="store_true", help="for one run: no UI, no schedules")
    arguments = parser.parse_args()
    run(arguments.port, temporary=arguments.temporary)
    return 0


if __name__ == "__main__":
    sys.exit(main())
