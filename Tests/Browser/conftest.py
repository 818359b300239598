"""One Chromium for all tests of the lane; a browser profile of its own for each visitor."""

import re
import shutil

import pytest
from playwright.sync_api import sync_playwright

from support.suite import current
from visitor import DESKTOP, Visitor


@pytest.fixture(scope="session")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def pictures():
    """Where the pictures of this run are kept; those of the run before are gone."""
    folder = current().state / "screenshots"
    shutil.rmtree(folder, ignore_errors=True)
    return folder


@pytest.fixture(scope="session")
def reader(chromium):
    """Where copies of pages are shown to the accessibility check."""
    context = chromium.new_context(viewport=DESKTOP)
    yield context.new_page()
    context.close()


@pytest.fixture(scope="session")
def seen():
    """The pages that were looked at so far."""
    return set()


@pytest.fixture
def visitor(chromium, pictures, reader, seen, request):
    """Makes visitors: people at browsers of their own; what was wrong on a page fails the test at its end."""
    made = []

    def make(name: str | None = None, scripts: bool = False) -> Visitor:
        # Every page has to work without JavaScript, so that is how the tests use them.
        context = chromium.new_context(viewport=DESKTOP, locale="nl-BE", java_script_enabled=scripts)
        context.set_default_timeout(15_000)
        folder = pictures / re.sub(r"\W+", "-", name or request.node.name.removeprefix("test_"))
        made.append(Visitor(context, folder, reader, seen))
        return made[-1]

    yield make
    for one in made:
        one.context.close()
    for one in made:
        one.finish()
