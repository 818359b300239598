"""A browser without a window: cookies, redirects, tabs and forms over plain HTTP, fast enough for thousands of pages."""

import http.client
import threading
from urllib.parse import urlencode, urljoin, urlsplit

from .html import Button, Form, Page


class Session:
    """What the tabs of one browser share: its cookies, which know no ports."""

    def __init__(self, source: str | None = None):
        self.source = source
        """The address it comes from, as the balancer would be told by a proxy before it."""
        self.cookies: dict[str, str] = {}
        self.lock = threading.Lock()

    def take(self, headers: list[tuple[str, str]]) -> None:
        for key, value in headers:
            if key.lower() != "set-cookie":
                continue
            pair, *attributes = [part.strip() for part in value.split(";")]
            name, _, content = pair.partition("=")
            ended = any(part.lower() == "max-age=0" for part in attributes) or not content
            with self.lock:
                if ended:
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = content

    def header(self) -> str:
        with self.lock:
            return "; ".join(f"{name}={value}" for name, value in self.cookies.items())


class Tab:
    """One tab: an address, a page, and forms to send."""

    def __init__(self, session: Session | None = None, language: str = "nl"):
        self.session = session or Session()
        self.language = language
        self.url = ""
        self.status = 0
        self.headers: dict[str, str] = {}
        self.page = Page("")
        self.stop_before: str | None = None
        """A redirect to an address that begins so is not followed, but kept in `stopped_before`."""
        self.stopped_before: str | None = None
        self._connections: dict[str, http.client.HTTPConnection] = {}

    def open(self, url: str) -> Page:
        return self._go("GET", urljoin(self.url, url), None)

    def follow(self, text: str) -> Page:
        """Clicks the link with this text."""
        for link in self.page.links:
            if text.lower() in link.text.lower():
                return self.open(link.href)
        raise AssertionError(f"no link {text!r} on {self.describe()}")

    def press(self, text: str, values: dict[str, str] | None = None) -> Page:
        """Presses the button with this text, after filling the fields of its form."""
        for form in self.page.forms:
            for button in form.buttons:
                if text.lower() in button.text.lower():
                    assert not button.disabled, f"the button {text!r} is disabled on {self.describe()}"
                    return self.send(form, button, values or {})
        raise AssertionError(f"no button {text!r} on {self.describe()}")

    def form_with(self, *names: str) -> Form:
        for form in self.page.forms:
            if form.has(*names):
                return form
        raise AssertionError(f"no form with {names} on {self.describe()}")

    def send(self, form: Form, button: Button | None = None, values: dict[str, str] | None = None) -> Page:
        """Sends a form with these values instead of its own; a name that the form does not have is an error."""
        values = dict(values or {})
        for name in values:
            form.field(name)
        pairs = [(name, values.get(name, value)) for name, value in form.values()]
        pairs += [(name, value) for name, value in values.items() if name not in {key for key, _ in pairs}]
        if button is not None and button.name:
            pairs.append((button.name, button.value))
        action = urljoin(self.url, (button.action if button and button.action else form.action) or self.url)
        if form.method == "get":
            return self._go("GET", urlsplit(action)._replace(query=urlencode(pairs)).geturl(), None)
        return self._go("POST", action, urlencode(pairs))

    def post(self, url: str, values: dict[str, str]) -> Page:
        """Sends what no form on the page offers, as somebody would who knows an address; with the page's own token."""
        token = next(form for form in self.page.forms if form.has("csrf")).field("csrf").value
        return self._go("POST", urljoin(self.url, url), urlencode({"csrf": token, **values}))

    def _go(self, method: str, url: str, body: str | None) -> Page:
        for _ in range(20):
            self._once(method, url, body)
            self.url = url
            if self.status not in (301, 302, 303, 307, 308):
                break
            target = urljoin(url, self.headers["location"])
            if self.stop_before and target.startswith(self.stop_before):
                self.stopped_before = target
                break
            if self.status not in (307, 308):
                method, body = "GET", None
            url = target
        else:
            raise AssertionError(f"too many redirects, at last to {url.partition('?')[0]}")
        return self.page

    def _once(self, method: str, url: str, body: str | None) -> None:
        parts = urlsplit(url)
        headers = {"Accept": "text/html", "Accept-Language": self.language, "Cookie": self.session.header(),
                   "Origin": f"{parts.scheme}://{parts.netloc}"}
        if self.session.source:
            headers["X-Forwarded-For"] = self.session.source
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        path = parts.path or "/"
        path += f"?{parts.query}" if parts.query else ""
        for attempt in (1, 2):
            connection = self._connections.get(parts.netloc)
            fresh = connection is None
            if connection is None:
                connection = http.client.HTTPConnection("127.0.0.1", parts.port or 80, timeout=30)
                self._connections[parts.netloc] = connection
            try:
                connection.request(method, path, body, {**headers, "Host": parts.netloc})
                answer = connection.getresponse()
                source = answer.read().decode("utf-8", "replace")
                break
            except (http.client.HTTPException, OSError):
                connection.close()
                self._connections.pop(parts.netloc, None)
                # A kept-alive connection may have been closed meanwhile: a browser asks once more on a new one.
                if fresh or attempt == 2:
                    raise
        self.status = answer.status
        self.headers = {key.lower(): value for key, value in answer.getheaders()}
        self.session.take(answer.getheaders())
        self.page = Page(source)

    def describe(self) -> str:
        """Where we are and what the page says, for the text of a failure; without the query."""
        return f"{self.url.partition('?')[0]} ({self.status}): {self.page.headings} {self.page.text[:600]}"

    def close(self) -> None:
        for connection in self._connections.values():
            connection.close()
