"""A page as a browser without JavaScript sees it: headings, links, forms and text."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
HIDDEN_TEXT = {"head", "script", "style", "template", "title"}


@dataclass
class Option:
    value: str
    text: str = ""
    selected: bool = False
    disabled: bool = False


@dataclass
class Field:
    """An input, a select or a text area."""

    name: str
    kind: str
    value: str = ""
    checked: bool = False
    disabled: bool = False
    options: list[Option] = field(default_factory=list)
    label: str = ""


@dataclass
class Button:
    text: str
    name: str = ""
    value: str = ""
    disabled: bool = False
    action: str | None = None


@dataclass
class Form:
    action: str = ""
    method: str = "get"
    fields: list[Field] = field(default_factory=list)
    buttons: list[Button] = field(default_factory=list)

    def values(self) -> list[tuple[str, str]]:
        """What the form sends as it stands."""
        found = []
        for item in self.fields:
            if item.disabled or not item.name:
                continue
            if item.kind in ("checkbox", "radio"):
                if item.checked:
                    found.append((item.name, item.value or "on"))
            elif item.kind == "select":
                chosen = [option for option in item.options if option.selected] or item.options[:1]
                found += [(item.name, option.value) for option in chosen]
            else:
                found.append((item.name, item.value))
        return found

    def field(self, name: str) -> Field:
        for item in self.fields:
            if item.name == name:
                return item
        raise AssertionError(f"the form has no field {name!r}, it has {[item.name for item in self.fields]}")

    def has(self, *names: str) -> bool:
        return set(names) <= {item.name for item in self.fields}


@dataclass
class Link:
    href: str
    text: str


class Page(HTMLParser):
    """The parsed page. `text` is what can be read, with single spaces."""

    def __init__(self, source: str):
        super().__init__(convert_charrefs=True)
        self.source = source
        self.title = ""
        self.headings: list[str] = []
        self.links: list[Link] = []
        self.forms: list[Form] = []
        self._stack: list[str] = []
        self._words: list[str] = []
        self._form: Form | None = None
        self._sinks: dict[str, list[str]] = {}
        self._select: Field | None = None
        self._option: Option | None = None
        self._area: Field | None = None
        self._button: Button | None = None
        self._link: Link | None = None
        self._labels: dict[str, str] = {}
        self._label_for: str | None = None
        self._by_id: dict[str, Field] = {}
        self.feed(source)
        self.close()
        for key, item in self._by_id.items():
            item.label = _plain(self._labels.get(key, ""))
        self.text = _plain(" ".join(self._words))
        self.headings = [_plain(text) for text in self.headings]
        for link in self.links:
            link.text = _plain(link.text)
        for form in self.forms:
            for button in form.buttons:
                button.text = _plain(button.text)
            for item in form.fields:
                for option in item.options:
                    option.text = _plain(option.text)

    def handle_starttag(self, tag, attributes):
        given = {key: value or "" for key, value in attributes}
        present = dict(attributes)
        if tag not in VOID:
            self._stack.append(tag)
        if tag == "form":
            self._form = Form(given.get("action", ""), given.get("method", "get").lower())
            self.forms.append(self._form)
        elif tag == "input" and self._form is not None:
            kind = given.get("type", "text").lower()
            if kind in ("submit", "image"):
                self._form.buttons.append(Button(given.get("value", ""), given.get("name", ""), given.get("value", ""),
                                                 "disabled" in present, given.get("formaction")))
            else:
                self._add(Field(given.get("name", ""), kind, given.get("value", ""), "checked" in present,
                                "disabled" in present), given)
        elif tag == "select" and self._form is not None:
            self._select = Field(given.get("name", ""), "select", disabled="disabled" in present)
            self._add(self._select, given)
        elif tag == "option" and self._select is not None:
            self._option = Option(given.get("value", ""), "", "selected" in present, "disabled" in present)
            self._select.options.append(self._option)
        elif tag == "textarea" and self._form is not None:
            self._area = Field(given.get("name", ""), "textarea")
            self._add(self._area, given)
        elif tag == "button" and self._form is not None:
            self._button = Button("", given.get("name", ""), given.get("value", ""), "disabled" in present,
                                  given.get("formaction"))
            self._form.buttons.append(self._button)
        elif tag == "a" and "href" in given:
            self._link = Link(given["href"], "")
            self.links.append(self._link)
        elif tag == "label":
            self._label_for = given.get("for")
        elif tag in ("h1", "h2", "h3"):
            self.headings.append("")
        elif tag == "br":
            self._words.append(" ")

    def _add(self, item: Field, given: dict[str, str]) -> None:
        assert self._form is not None
        self._form.fields.append(item)
        if "id" in given:
            self._by_id[given["id"]] = item

    def handle_endtag(self, tag):
        while self._stack and self._stack.pop() != tag:
            pass
        match tag:
            case "form":
                self._form = None
            case "select":
                self._select = None
            case "option":
                self._option = None
            case "textarea":
                self._area = None
            case "button":
                self._button = None
            case "a":
                self._link = None
            case "label":
                self._label_for = None
        self._words.append(" ")

    def handle_data(self, data):
        if "title" in self._stack:
            self.title += data
        if self._area is not None:
            self._area.value += data
        if self._option is not None:
            self._option.text += data
            return
        if HIDDEN_TEXT & set(self._stack):
            return
        self._words.append(data)
        if self._button is not None:
            self._button.text += data
        if self._link is not None:
            self._link.text += data
        if self._label_for:
            self._labels[self._label_for] = self._labels.get(self._label_for, "") + data
        if self._stack and any(tag in self._stack for tag in ("h1", "h2", "h3")):
            self.headings[-1] += data


def _plain(text: str) -> str:
    return " ".join(text.split())
