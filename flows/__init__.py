"""Prefect: order, retries, schedules, artifacts for the UI, versions. No data logic.

What Prefect does by default is not what a build needs: a run starts after up to 10 s, one that waits for
another looks again after 30 s, the temporary server gives up after 20 s, records task runs one at a time,
reports home, advertises, and lets every web page that is open in a browser here start runs. What the user's
environment says goes before these settings.
"""

import os

# Closed: no page has this origin, and an empty list would be taken for one that was not given.
NO_ORIGIN = "none"

SETTINGS = {
    "DO_NOT_TRACK": "1",
    "PREFECT_RUNNER_POLL_FREQUENCY": "2",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": NO_ORIGIN,
    "PREFECT_SERVER_CSRF_PROTECTION_ENABLED": "true",
    "PREFECT_SERVER_DEPLOYMENTS_CONCURRENCY_SLOT_WAIT_SECONDS": "5",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_BATCH_SIZE": "500",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_READ_BATCH_SIZE": "100",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
}

for _name, _value in SETTINGS.items():
    os.environ.setdefault(_name, _value)
