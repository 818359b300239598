"""The ways through the suite as people go them, over plain HTTP and the pages' own forms."""

from tooling.settings import PORTAL

from . import people
from .browser import Session, Tab
from .html import Form
from .people import Someone
from .suite import current, wait_for


class Visit(Tab):
    """A tab of somebody in the portal."""

    @property
    def portal(self) -> str:
        return current().url(PORTAL)

    def at(self, heading: str) -> None:
        """The page has this heading."""
        assert any(heading.lower() in text.lower() for text in self.page.headings), f"not {heading!r}: {self.describe()}"

    def says(self, text: str) -> None:
        assert text.lower() in self.page.text.lower(), f"not {text!r}: {self.describe()}"

    def does_not_say(self, text: str) -> None:
        assert text.lower() not in self.page.text.lower(), f"{text!r}: {self.describe()}"

    # Signing in

    def begin(self) -> None:
        """From the portal's first page to the chooser of digital keys, if nobody is signed in."""
        self.open(f"{self.portal}/")
        if not self.has("mobiele app"):
            self.act("aanmelden")

    def has(self, text: str) -> bool:
        """Whether a button or link with this text is there."""
        return any(text.lower() in button.text.lower() for form in self.page.forms for button in form.buttons) \
            or any(text.lower() in link.text.lower() for link in self.page.links)

    def act(self, text: str) -> None:
        """Presses the button or follows the link with this text."""
        if any(text.lower() in button.text.lower() for form in self.page.forms for button in form.buttons):
            self.press(text)
        else:
            self.follow(text)

    def give_credentials(self, who: Someone, code: str | None = None, password: str | None = None) -> None:
        """Chooses the mobile app and sends user name, password and code."""
        if self.has("mobiele app"):
            self.act("mobiele app")
        form = next(form for form in self.page.forms if any(item.kind == "password" for item in form.fields))
        values = {}
        for item in form.fields:
            if item.kind == "hidden":
                continue
            if item.kind == "password":
                values[item.name] = password or who.password
            elif "code" in item.name.lower():
                values[item.name] = code or people.code_of(who)
            elif item.kind in ("text", "email"):
                values[item.name] = who.username
        self.send(form, form.buttons[0], values)

    def sign_in(self, who: Someone) -> None:
        """To the profile picker."""
        self.begin()
        self.give_credentials(who)
        assert self.has("Profiel bevestigen"), f"no profile picker: {self.describe()}"

    # Choosing

    def picker(self) -> Form:
        return next(form for form in self.page.forms
                    if any("profiel bevestigen" in button.text.lower() for button in form.buttons))

    def offered(self) -> list[str]:
        """Everything that the picker lets the person choose."""
        found = []
        for item in self.picker().fields:
            found += [option.text for option in item.options if not option.disabled]
            if item.kind == "radio" and not item.disabled:
                found.append(item.label)
        return found

    def choose(self, profile: str = "Burger", organisation: str | None = None) -> None:
        """Chooses and presses "Profiel bevestigen"."""
        values = {}
        for wanted in filter(None, (profile, organisation)):
            name, value = self._value_of(wanted)
            values[name] = value
        form = self.picker()
        self.send(form, next(button for button in form.buttons if "bevestigen" in button.text.lower()), values)

    def _value_of(self, wanted: str) -> tuple[str, str]:
        for item in self.picker().fields:
            for option in item.options:
                if option.text.lower() == wanted.lower() and not option.disabled:
                    return item.name, option.value
            if item.kind == "radio" and item.label.lower() == wanted.lower() and not item.disabled:
                return item.name, item.value
        raise AssertionError(f"{wanted!r} cannot be chosen: {self.offered()} on {self.describe()}")

    def open_grantor(self, last_name: str) -> None:
        """From "Mandaatgever zoeken" to the dossier of a grantor, in this tab."""
        form = self.form_with("lastName")
        self.send(form, form.buttons[0], {"lastName": last_name})
        self.press(last_name)
        self.says("U werkt in het dossier van")
        self.says(last_name)

    def enter(self, who: Someone, profile: str = "Burger", organisation: str | None = None) -> None:
        """Signs in and chooses."""
        self.sign_in(who)
        self.choose(profile, organisation)


def enter(who: Someone, profile: str = "Burger", organisation: str | None = None) -> Visit:
    """A new browser in which somebody has signed in and chosen a profile."""
    visit = Visit()
    visit.enter(who, profile, organisation)
    return visit


def tab_of(visit: Visit) -> Visit:
    """Another tab of the same browser."""
    return Visit(visit.session)


__all__ = ["Session", "Visit", "enter", "tab_of", "wait_for"]
