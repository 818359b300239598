"""A person at a real Chromium: what she sees, what she presses, and a look at every page she meets."""

import re
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Locator, Page, expect

from support import people
from support.people import Someone
from support.suite import current
from tooling.settings import PORTAL

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 360, "height": 740}


class Visitor:
    """One browser of one person; `tab` is the tab she looks at."""

    def __init__(self, context: BrowserContext, folder: Path):
        self.context = context
        self.folder = folder
        self.tab: Page = context.new_page()
        self.problems: list[str] = []
        self.axe = Axe()
        self.tab.on("console", lambda message: self._console(message.type, message.text))

    def _console(self, kind: str, text: str) -> None:
        # A page that is answered with 4xx is written to the console by the browser itself; the tests look at those.
        if kind == "error" and "status of 4" not in text:
            self.problems.append(f"console: {text}")

    def new_tab(self) -> Page:
        self.tab = self.context.new_page()
        return self.tab

    # Looking

    def look(self, name: str) -> None:
        """Keeps a picture of the page at both widths, and checks what every page has to keep."""
        self.folder.mkdir(parents=True, exist_ok=True)
        count = len(list(self.folder.glob("*-desktop.png"))) + 1
        where = f"{self.folder.name}/{name}"
        for kind, size in (("phone", PHONE), ("desktop", DESKTOP)):
            self.tab.set_viewport_size(size)
            self.tab.screenshot(path=self.folder / f"{count:02d}-{name}-{kind}.png", full_page=True)
            width = self.tab.evaluate("document.documentElement.scrollWidth")
            if width > size["width"]:
                self.problems.append(f"{where}: {width} px wide on a screen of {size['width']} px")
        if self.tab.locator("h1").count() != 1:
            self.problems.append(f"{where}: {self.tab.locator('h1').count()} first-level headings")
        if not self.tab.locator("html[lang]").count():
            self.problems.append(f"{where}: no language")
        for violation in self.axe.run(self.tab).response["violations"]:
            nodes = "; ".join(node["html"][:120] for node in violation["nodes"][:3])
            self.problems.append(f"{where}: axe {violation['id']} ({violation['impact']}): {nodes}")

    def sees(self, text: str) -> None:
        expect(self.tab.locator("body")).to_contain_text(re.compile(re.escape(text), re.IGNORECASE), timeout=10_000)

    def does_not_see(self, text: str) -> None:
        expect(self.tab.locator("body")).not_to_contain_text(re.compile(re.escape(text), re.IGNORECASE))

    def is_at(self, heading: str) -> None:
        expect(self.tab.get_by_role("heading", name=heading).first).to_be_visible(timeout=15_000)

    # Doing

    def press(self, name: str) -> None:
        """Presses a button or follows a link with this name, whichever there is."""
        self.control(name).click()

    def control(self, name: str) -> Locator:
        pattern = re.compile(re.escape(name), re.IGNORECASE)
        button = self.tab.get_by_role("button", name=pattern)
        return (button.or_(self.tab.get_by_role("link", name=pattern))).first

    def fill(self, label: str, text: str) -> None:
        self.tab.get_by_label(re.compile(label, re.IGNORECASE)).first.fill(text)

    def choose(self, label: str, option: str) -> None:
        self.tab.get_by_label(re.compile(label, re.IGNORECASE)).first.select_option(label=option)

    # The way in

    def open_portal(self, path: str = "/") -> None:
        self.tab.goto(current().url(PORTAL) + path)

    def finish(self) -> None:
        """Everything that was wrong on any page, at the end of a journey."""
        assert not self.problems, "\n".join(self.problems)
