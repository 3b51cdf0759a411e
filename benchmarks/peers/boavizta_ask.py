"""Asks boaviztapi, in its own process and environment, without a server: requests as JSON in, answers as JSON out."""

from __future__ import annotations

import asyncio
import json
import sys
from importlib.metadata import version
from typing import Any

from boaviztapi.main import app  # type: ignore[import-not-found]


async def ask(path: str, query: str, body: dict[str, Any] | None) -> Any:
    """One request to the application, over its ASGI interface."""
    said: dict[str, Any] = {"body": b""}
    content = b"" if body is None else json.dumps(body).encode()
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "scheme": "http", "root_path": "",
        "method": "GET" if body is None else "POST", "path": path, "raw_path": path.encode(),
        "query_string": query.encode(), "headers": [(b"content-type", b"application/json"), (b"host", b"local")],
        "client": ("local", 1), "server": ("local", 80),
    }  # fmt: skip

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": content, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            said["status"] = message["status"]
        else:
            said["body"] += message.get("body", b"")

    await app(scope, receive, send)
    answer = json.loads(said["body"])
    if said["status"] != 200:
        raise SystemExit(f"{path}: {said['status']} {answer}")
    return answer


async def main() -> None:
    asked = json.load(sys.stdin)
    answers = {name: await ask(**request) for name, request in asked.items()}
    json.dump({"version": version("boaviztapi"), "answers": answers}, sys.stdout)


asyncio.run(main())
