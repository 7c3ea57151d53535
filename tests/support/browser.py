"""A real server in a thread, and a real browser on it."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from .waiting import wait_for

CHROMIUM = Path("/usr/bin/chromium")
PATIENCE = 120_000
"""Milliseconds that a page is waited for: a machine may be busy with other tests."""


class Served:
    """A server over a session, which can be stopped and started again on the same port."""

    def __init__(self, session, **options):
        self.session, self.options = session, options
        self.port = 0
        self.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/"

    def start(self):
        import uvicorn

        from nerture.web.app import make_app
        from nerture.web.server import listen

        self.listening = listen("127.0.0.1", self.port)
        self.port = self.listening.getsockname()[1]
        app = make_app(self.session, **self.options)
        config = uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=1)
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [self.listening]})
        self.thread.start()
        wait_for(lambda: self.server.started)

    def stop(self):
        self.server.should_exit = True
        self.thread.join(60)
        assert not self.thread.is_alive()
        self.listening.close()


@pytest.fixture
def serve():
    """Serve sessions: `serve(session, **options)` gives a `Served`."""
    running = []

    def start(session, **options):
        running.append(Served(session, **options))
        return running[-1]

    yield start
    for served in running:
        served.stop()


@pytest.fixture(scope="session")
def chromium():
    """Debian's Chromium, headless."""
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is not there: nothing to try the page in (apt-get install chromium)")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def browse(chromium):
    """Open pages: `browse(url, **context options)`; what a page reports as an error fails the test."""
    contexts, errors = [], []

    def start(url, **options):
        context = chromium.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.append(said.text) if _is_fault(said) else None)
        page.goto(url)
        return page

    yield start
    for context in contexts:
        context.close()
    assert not errors


def _is_fault(said):
    """A request that fails is no fault of the page: tests cut the network on purpose."""
    return said.type == "error" and "Failed to load resource" not in said.text
