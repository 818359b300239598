"""What the load balancer answers in a service's place: while no instance takes a request, and when an answer is lost.

A request without an instance was not begun, and says so; one whose answer was lost may have been done. People read a
page in the suite's four languages, programs the problem document of the contract.
"""

import json
from dataclasses import dataclass

from .settings import AUTHENTICATION, PORTAL, PROFILE_RESOLUTION, Service

WITH_PAGES = (PORTAL, AUTHENTICATION, PROFILE_RESOLUTION)


@dataclass(frozen=True)
class Interruption:
    """One thing that can happen, by HAProxy's own status, the contract's code for it and what people read."""

    statuses: tuple[int, ...]
    code: str
    title: str
    detail: str
    texts: dict[str, tuple[str, str]]


AWAY = Interruption(
    (503,), "service.unavailable", "The service cannot answer right now",
    "No instance of the service takes requests right now. Nothing was done; try again shortly.", {
        "nl": ("We kunnen nu niet antwoorden",
               "Uw vraag is niet uitgevoerd en er is niets gewijzigd. Probeer het over een minuut opnieuw."),
        "fr": ("Nous ne pouvons pas répondre pour l’instant",
               "Votre demande n’a pas été exécutée et rien n’a changé. Réessayez dans une minute."),
        "de": ("Wir können im Moment nicht antworten",
               "Ihre Anfrage wurde nicht ausgeführt und nichts hat sich geändert. Versuchen Sie es in einer Minute "
               "erneut."),
        "en": ("We cannot answer right now",
               "Your request was not carried out and nothing has changed. Try again in a minute."),
    })
LOST = Interruption(
    (502, 504), "service.outcome-unknown", "Whether it was done is not known",
    "The service did not answer. Whether it was done is not known; look at how it stands before you repeat it.", {
        "nl": ("We weten niet of het gelukt is",
               "We kregen geen antwoord. Open de vorige pagina opnieuw en kijk hoe het er nu voor staat, voor u het "
               "opnieuw doet."),
        "fr": ("Nous ne savons pas si cela a réussi",
               "Nous n’avons pas reçu de réponse. Ouvrez à nouveau la page précédente et regardez ce qu’il en est "
               "avant de recommencer."),
        "de": ("Wir wissen nicht, ob es geklappt hat",
               "Wir haben keine Antwort erhalten. Öffnen Sie die vorige Seite erneut und sehen Sie nach, bevor Sie es "
               "wiederholen."),
        "en": ("We do not know whether it worked",
               "We got no answer. Open the page before this one again and look how it stands now before you repeat "
               "it."),
    })


def answers(service: Service) -> dict[int, bytes]:
    """The whole HTTP answers for one service, by status."""
    render = page if service in WITH_PAGES else document
    return {status: render(status, what) for what in (AWAY, LOST) for status in what.statuses}


def page(status: int, what: Interruption) -> bytes:
    parts = "\n".join(f'<section lang="{language}"><h1>{title}</h1><p>{text}</p></section>'
                      for language, (title, text) in what.texts.items())
    body = f"""<!DOCTYPE html>
<html lang="nl">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{what.texts["nl"][0]}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 1.0625rem/1.5 sans-serif; max-width: 40rem; margin: 2rem auto; padding: 0 1rem; }}
h1 {{ font-size: 1.25rem; margin: 1.5rem 0 0; }}
p {{ margin: .25rem 0 0; }}
</style>
</head>
<body>
<main>
{parts}
</main>
</body>
</html>
"""
    return whole(status, "text/html; charset=utf-8", body,
                 {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"})


def document(status: int, what: Interruption) -> bytes:
    # The status of the contract's code, whatever HAProxy calls it.
    return whole(503, "application/problem+json", json.dumps({
        "type": f"urn:toegang:problem:{what.code}", "title": what.title, "status": 503, "detail": what.detail,
        "code": what.code}), {})


def whole(status: int, content_type: str, body: str, more: dict[str, str]) -> bytes:
    """An answer as HAProxy sends it, byte for byte."""
    content = body.encode()
    reason = {502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout"}[status]
    headers = {"Content-Type": content_type, "Content-Length": str(len(content)), "Cache-Control": "no-store",
               "X-Content-Type-Options": "nosniff", **({"Retry-After": "2"} if status == 503 else {}), **more}
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status} {reason}\r\n{head}\r\n".encode() + content
