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


BROKEN_WORDS = """() => {
  const broken = [];
  for (const element of document.querySelectorAll('.button, th, legend, h1, h2')) {
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      for (const word of node.data.matchAll(/[\\p{L}\\p{N}]+/gu)) {
        const range = document.createRange();
        range.setStart(node, word.index);
        range.setEnd(node, word.index + word[0].length);
        if (new Set([...range.getClientRects()].map(line => Math.round(line.top))).size > 1) broken.push(word[0]);
      }
    }
  }
  return broken;
}"""
"""The words of buttons and headings that stand in two lines."""


FIELDS = """() => [location.hash, ...[...document.querySelectorAll('input:not([type=hidden]), select, textarea')]
  .map(field => [field.name, field.value, field.checked])]"""
"""What stands in the fields, which the page's source does not say."""

HIDDEN = re.compile(r'<input[^>]*type="hidden"[^>]*>|(?: href| action)="[^"]*"|[0-9a-f]{8}-[0-9a-f-]{27}')
"""What differs from one sight of a page to the next and cannot be seen: hidden fields, where links lead, ids."""


class Visitor:
    """One browser of one person; `tab` is the tab she looks at."""

    def __init__(self, context: BrowserContext, folder: Path, reader: Page, seen: set[str]):
        self.context = context
        self.seen = seen
        """The pages that were looked at in this run, so that each is looked at once."""
        self.reader = reader
        """A page with JavaScript, which the accessibility check is written in; it is shown copies of our pages."""
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
        """Keeps a picture of the page at both widths, and checks what every page has to keep.

        A page that looks just as one before is not looked at again: the way to sign in is the same for everybody.
        """
        sight = HIDDEN.sub("", self.tab.content()) + str(self.tab.evaluate(FIELDS))
        if sight in self.seen:
            return
        self.seen.add(sight)
        self.folder.mkdir(parents=True, exist_ok=True)
        count = len(list(self.folder.glob("*-desktop.png"))) + 1
        where = f"{self.folder.name}/{name}"
        for kind, size in (("phone", PHONE), ("desktop", DESKTOP)):
            self.tab.set_viewport_size(size)
            self.tab.screenshot(path=self.folder / f"{count:02d}-{name}-{kind}.png", full_page=True)
            width = self.tab.evaluate("document.documentElement.scrollWidth")
            if width > size["width"]:
                self.problems.append(f"{where}: {width} px wide on a screen of {size['width']} px")
            for word in self.tab.evaluate(BROKEN_WORDS):
                self.problems.append(f"{where}: \"{word}\" is broken in two on a screen of {size['width']} px")
        if self.tab.locator("h1").count() != 1:
            self.problems.append(f"{where}: {self.tab.locator('h1').count()} first-level headings")
        if not self.tab.locator("html[lang]").count():
            self.problems.append(f"{where}: no language")
        for violation in self.violations():
            nodes = "; ".join(node["html"][:120] for node in violation["nodes"][:3])
            self.problems.append(f"{where}: axe {violation['id']} ({violation['impact']}): {nodes}")

    def violations(self) -> list[dict]:
        """What the accessibility check finds in the page as it stands."""
        url, content = self.tab.url, self.tab.content()
        self.reader.route(url, lambda route: route.fulfill(body=content, content_type="text/html; charset=utf-8"))
        self.reader.goto(url)
        found = self.axe.run(self.reader).response["violations"]
        self.reader.unroute(url)
        return found

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

    def select(self, name: str) -> None:
        """Chooses a radio button by its label."""
        self.tab.get_by_role("radio", name=name, exact=True).check()

    def row(self, text: str) -> Locator:
        """The row of a table that holds this text."""
        return self.tab.get_by_role("row").filter(has_text=text)

    # The way in

    def sign_in(self, who: Someone) -> None:
        """From the portal's first page to the profile picker, looking at each page on the way."""
        self.open_portal()
        self.look("start")
        self.press("Aanmelden")
        self.is_at("Kies uw digitale sleutel om aan te melden")
        self.look("chooser")
        self.press("met beveiligingscode via mobiele app")
        self.is_at("Aanmelden met beveiligingscode via mobiele app")
        self.look("app-code")
        self.give_credentials(who)
        self.is_at("Aanmelden voor RIZIV portaal")
        self.sees("Ik wil me aanmelden als:")
        self.look("picker")

    def give_credentials(self, who: Someone) -> None:
        self.fill("^Gebruikersnaam", who.username)
        self.fill("^Wachtwoord", who.password)
        self.fill("^Beveiligingscode", people.code_of(who))
        self.tab.get_by_role("button", name="Aanmelden", exact=True).click()

    def confirm_profile(self, profile: str = "Burger", organisation: str | None = None) -> None:
        self.select(profile)
        if organisation is not None:
            self.choose("^Binnen de organisatie", organisation)
        self.press("Profiel bevestigen")

    def sign_out(self) -> None:
        """Everywhere: the portal asks authentication-service, which asks once more where it has to."""
        self.tab.get_by_role("button", name="Afmelden").click()
        again = self.tab.get_by_role("button", name="Overal afmelden")
        expect(again.or_(self.tab.get_by_role("heading", name="U bent afgemeld")).first).to_be_visible(timeout=15_000)
        if again.count():
            self.look("sign-out")
            again.click()
        self.is_at("U bent afgemeld")
        self.look("signed-out")

    def open_portal(self, path: str = "/") -> None:
        self.tab.goto(current().url(PORTAL) + path)

    def finish(self) -> None:
        """Everything that was wrong on any page, at the end of a journey."""
        assert not self.problems, "\n".join(self.problems)
