"""Requests to public services: paced, tried again where that helps, limited in size, keys never shown."""

from __future__ import annotations

import hashlib
import http.client
import os
import random
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

from netprint import __version__
from netprint.errors import NetprintError

OFFLINE = "NETPRINT_OFFLINE"
AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
MOST = 300_000_000
LONGEST_WAIT = 300.0
WITHOUT = (
    "Without a network the catalogue works as shipped (`netprint factors search`), so do all studies, and "
    "`netprint factors import SOURCE --file FILE` reads an answer that was fetched on another machine."
)


class ServiceError(NetprintError):
    """A service did not give what was asked for. Exit code 2."""


class NoNetworkError(ServiceError):
    """The service could not be reached at all."""


@dataclass(frozen=True)
class Key:
    """A user's key to a service: the environment variable that holds it, and where the service wants it."""

    variable: str
    name: str
    place: str  # header | query
    page: str
    required: bool = True

    def read(self) -> str:
        """The key, or an empty text. Raises :class:`ServiceError` where it is required and missing."""
        value = os.environ.get(self.variable, "").strip()
        if not value and self.required:
            raise ServiceError(
                f"This service needs a key: the environment variable {self.variable} is not set. "
                f"A key is given out at {self.page}. netprint sends it to that service only and writes it nowhere."
            )
        return value


@dataclass(frozen=True)
class Answer:
    """What a service sent: ``address`` is that asked for, without the key."""

    address: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.body).hexdigest()


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follow a redirect, but never to an unencrypted address; a key in a header does not go along."""

    def redirect_request(
        self, req: urllib.request.Request, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        old, new = urlsplit(req.full_url), urlsplit(newurl)
        if new.scheme != "https" and old.scheme == "https":
            raise ServiceError(f"{old.netloc} redirects to an unencrypted address; nothing was fetched.")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


class Client:
    """Requests to one service.

    ``every``: seconds from one request to the next. ``base``: scheme and host that replace the service's own, such as
    those of a mirror. ``retries``: how often a request is tried again after a failure that may pass (a lost or cut
    connection, or a status in ``AGAIN``); the wait doubles each time, with jitter, unless the service says how long.
    """

    def __init__(
        self, *, every: float = 0.0, base: str = "", retries: int = 5, timeout: float = 60.0, first_wait: float = 1.0,
        most: int = MOST, sleep: Callable[[float], None] = time.sleep, say: Callable[[str], None] | None = None,
    ) -> None:  # fmt: skip
        self.every, self.base, self.retries, self.timeout = every, base, retries, timeout
        self.first_wait, self.most, self.sleep, self.say = first_wait, most, sleep, say or (lambda text: None)
        self.opener = urllib.request.build_opener(_Redirects)
        self.last = -every

    def get(
        self, address: str, query: Mapping[str, str | int] | None = None, key: Key | None = None
    ) -> Answer:
        """One answer. Raises :class:`ServiceError`, :class:`NoNetworkError`."""
        shown = self._rebased(address) + (f"?{urlencode(query, quote_via=quote)}" if query else "")
        secret = key.read() if key else ""
        if os.environ.get(OFFLINE, "") not in ("", "0"):
            raise NoNetworkError(f"{urlsplit(shown).netloc} was not asked: {OFFLINE} is set. {WITHOUT}")
        request = urllib.request.Request(self._keyed(shown, key, secret))
        request.add_header("User-Agent", f"netprint/{__version__}")
        request.add_header("Accept-Encoding", "identity")
        if key and secret and key.place == "header":
            request.add_unredirected_header(key.name, secret)
        for attempt in range(self.retries + 1):
            self._pace()
            self.say(f"asking {urlsplit(shown).netloc}{f', try {attempt + 1}' if attempt else ''}")
            try:
                return self._once(request, shown)
            except _PassingError as failure:
                if attempt == self.retries:
                    raise ServiceError(self._text(shown, failure.text, secret, attempt + 1)) from None
                self._wait(shown, attempt, failure.after)
            except urllib.error.HTTPError as error:
                raise ServiceError(self._refused(shown, error, key, secret)) from None
        raise AssertionError

    def _once(self, request: urllib.request.Request, shown: str) -> Answer:
        try:
            with self.opener.open(request, timeout=self.timeout) as stream:
                headers = {k.lower(): v for k, v in stream.headers.items()}
                return Answer(shown, self._body(stream, headers, shown), headers)
        except urllib.error.HTTPError as error:
            if error.code in AGAIN:
                raise _PassingError(
                    f"answered {error.code} {error.reason}", error.headers.get("Retry-After")
                ) from None
            raise
        except urllib.error.URLError as error:
            if isinstance(error.reason, socket.gaierror | ConnectionRefusedError):
                raise NoNetworkError(
                    f"{urlsplit(shown).netloc} could not be reached ({_reason(error.reason)}). {WITHOUT}"
                ) from None
            raise _PassingError(f"could not be read ({_reason(error.reason)})") from None
        except (OSError, http.client.HTTPException) as error:
            raise _PassingError(f"broke off ({_reason(error)})") from None

    def _body(self, stream: Any, headers: Mapping[str, str], shown: str) -> bytes:
        stated = headers.get("content-length", "")
        too_much = ServiceError(
            f"The answer of {shown} is larger than {self.most / 1e6:.0f} MB, the most that is read. "
            "Ask for fewer years or countries with --year and --country."
        )
        if stated.isdigit() and int(stated) > self.most:
            raise too_much
        parts, size = [], 0
        while part := stream.read(1 << 20):
            parts.append(part)
            size += len(part)
            if size > self.most:
                raise too_much
        if stated.isdigit() and size != int(stated):
            raise _PassingError(f"broke off after {size} of {stated} bytes")
        return b"".join(parts)

    def _rebased(self, address: str) -> str:
        if not self.base:
            return address
        base, asked = urlsplit(self.base), urlsplit(address)
        return urlunsplit((base.scheme, base.netloc, base.path.rstrip("/") + asked.path, asked.query, ""))

    @staticmethod
    def _keyed(shown: str, key: Key | None, secret: str) -> str:
        if not (key and secret and key.place == "query"):
            return shown
        return f"{shown}{'&' if '?' in shown else '?'}{urlencode({key.name: secret})}"

    def _pace(self) -> None:
        left = self.last + self.every - time.monotonic()
        if left > 0:
            self.sleep(left)
        self.last = time.monotonic()

    def _wait(self, shown: str, attempt: int, after: str | None) -> None:
        wait = _seconds(after)
        if wait is None:
            wait = self.first_wait * 2**attempt * (0.5 + random.random())
        if wait > LONGEST_WAIT:
            raise ServiceError(
                f"{urlsplit(shown).netloc} asks to wait {wait:.0f} seconds before the next request. "
                "Nothing was written; try again then."
            )
        self.sleep(wait)

    @staticmethod
    def _text(shown: str, text: str, secret: str, tries: int) -> str:
        told = f"{shown} {text}, {tries} times in a row. Nothing was written; try again later. {WITHOUT}"
        return told.replace(secret, "…") if secret else told

    @staticmethod
    def _refused(shown: str, error: urllib.error.HTTPError, key: Key | None, secret: str) -> str:
        said = " ".join(error.read(400).decode("utf-8", "replace").split())[:200]
        said = said.replace(secret, "…") if secret else said
        told = f"{shown} answered {error.code} {error.reason}{f': {said}' if said else ''}."
        if error.code in (401, 403) and key:
            return f"{told} Check the key in the environment variable {key.variable}; keys: {key.page}."
        if error.code in (404, 410):
            return (
                f"{told} The service may have moved the table: see the newest release of netprint, "
                "or fetch it by hand and give it with --file."
            )
        return told


class _PassingError(Exception):
    """A failure that may pass; ``after``: the header Retry-After, where the service sent it."""

    def __init__(self, text: str, after: str | None = None) -> None:
        super().__init__(text)
        self.text, self.after = text, after


def _seconds(after: str | None) -> float | None:
    """Retry-After in seconds: it is a number of them, or a date (RFC 9110, 10.2.3)."""
    if not after:
        return None
    if after.strip().isdigit():
        return float(after)
    try:
        moment = parsedate_to_datetime(after)
    except ValueError:
        return None
    return max((moment - datetime.now(UTC)).total_seconds(), 0.0)


def _reason(error: Any) -> str:
    return str(getattr(error, "strerror", None) or error) or type(error).__name__
