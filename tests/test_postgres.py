"""A table of a real PostgreSQL server, started by the test on a Unix socket, is read like any other."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import netprint

ROWS = [
    ("electricity", "KEN", 2023, "1000.5", "MWh", "metered"),
    ("electricity", "KEN", 2023, "0.25", "GWh", "estimated"),
    ("fuel", "KEN", 2023, "20000", "L", "metered"),
]


def _programs() -> Path:
    """The folder of initdb and pg_ctl; they are on no PATH in Debian."""
    found = [
        *sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb")),
        *filter(None, [shutil.which("initdb")]),
    ]
    if not found:
        pytest.fail(
            "PostgreSQL is not installed: run tools/setup.sh test, or install the package postgresql."
        )
    return Path(found[-1]).parent


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a fresh server; it refuses to run as root, so root hands it to the user postgres."""
    import tempfile

    folder = Path(tempfile.mkdtemp(prefix="netprint-pg-", dir="/tmp"))
    switch: dict[str, object] = {}
    if os.getuid() == 0:
        user = pwd.getpwnam("postgres")
        os.chown(folder, user.pw_uid, user.pw_gid)
        switch = {"user": user.pw_uid, "group": user.pw_gid}
    bin_, data = _programs(), folder / "data"

    def run(*command: str) -> None:
        environment = {"PATH": os.environ["PATH"], "LC_ALL": "C"}
        subprocess.run(
            command,
            check=True,
            cwd=folder,
            stdout=subprocess.DEVNULL,
            env=environment,
            timeout=120,
            **switch,  # type: ignore[call-overload]
        )

    run(str(bin_ / "initdb"), "-D", str(data), "-U", "netprint", "-A", "trust", "--no-sync")
    options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off"
    run(str(bin_ / "pg_ctl"), "-D", str(data), "-w", "-o", options, "-l", str(folder / "log"), "start")
    try:
        yield f"postgresql://netprint@/postgres?host={folder}"
    finally:
        run(str(bin_ / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def test_a_table_of_a_server_gives_the_same_sums(server: str) -> None:
    import psycopg2

    connection = psycopg2.connect(server)
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE readings"
            " (activity text, country text, year int, quantity numeric, unit text, tier text, item text)"
        )
        for row in ROWS:
            item = "diesel" if row[0] == "fuel" else None
            cursor.execute("INSERT INTO readings VALUES (%s, %s, %s, %s, %s, %s, %s)", (*row, item))
    connection.close()
    study = {"title": "Postgres", "method": "itu-t-l1420", "period": 2023, "entity": "Savanna", "draws": 100}
    names = ("activity", "country", "year", "quantity", "unit", "tier")
    rows = [
        dict(zip(names, row, strict=True)) | {"item": "diesel" if row[0] == "fuel" else ""} for row in ROWS
    ]
    ours = netprint.assess({**study, "activities": rows})
    theirs = netprint.assess({**study, "activities": f"{server}#readings"})
    assert theirs.collapsed.hash == ours.collapsed.hash
    assert theirs.total("location-based") == ours.total("location-based")
