"""Who cannot use a mouse, who reads another language than Dutch, and who opens two dossiers side by side."""

import re

import pytest
from playwright.sync_api import expect

from support import journey, people
from support.people import persona


def press_until(visitor, wanted: str, limit: int = 60) -> None:
    """Moves the focus with the tabulator key until it is on what has this name."""
    for _ in range(limit):
        visitor.tab.keyboard.press("Tab")
        name = visitor.tab.evaluate(
            "(() => { const e = document.activeElement; if (!e) return '';"
            " const l = e.labels && e.labels.length ? e.labels[0].innerText : '';"
            " return (l || e.innerText || e.value || '').replace(/\\s+/g, ' ').trim(); })()")
        if wanted.lower() in name.lower():
            return
    raise AssertionError(f"{wanted!r} was not reached with the keyboard on {visitor.tab.url}")


def focus_is_visible(visitor) -> bool:
    return visitor.tab.evaluate(
        "(() => { const s = getComputedStyle(document.activeElement);"
        " return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2 || s.boxShadow !== 'none'; })()")


def test_an_empty_sign_in_is_explained_at_its_fields(visitor):
    """Without scripts, in our words and language, with the focus on what is wrong."""
    an = visitor("empty-form")
    an.open_portal()
    an.press("Aanmelden")
    an.press("mobiele app")
    an.is_at("Aanmelden met beveiligingscode via mobiele app")
    an.press("Aanmelden")
    expect(an.tab).to_have_title(re.compile("^Fout"))
    for field, text in (("Gebruikersnaam", "Vul uw gebruikersnaam in."), ("Wachtwoord", "Vul uw wachtwoord in."),
                        ("Beveiligingscode", "Vul de code in die uw mobiele app nu toont.")):
        expect(an.tab.get_by_role("link", name=text)).to_be_visible()
        box = an.tab.get_by_label(field, exact=True)
        expect(box).to_have_attribute("aria-invalid", "true")
        described = box.get_attribute("aria-describedby").split()
        assert any(text in an.tab.locator(f"#{name}").inner_text() for name in described), described
    assert an.tab.evaluate("document.activeElement.className") == "error-summary"
    an.look("sign-in-empty")
    an.tab.get_by_role("link", name="Vul uw wachtwoord in.").click()
    expect(an.tab.get_by_label("Wachtwoord", exact=True)).to_be_focused()


def test_an_reaches_and_changes_her_dossier_with_the_keyboard_alone(visitor):
    an, who = visitor(), persona("an.peeters")
    keys = an.tab.keyboard
    an.open_portal()
    an.tab.keyboard.press("Tab")
    assert "inhoud" in an.tab.evaluate("document.activeElement.innerText"), "the first stop skips to the content"
    press_until(an, "Aanmelden")
    assert focus_is_visible(an)
    keys.press("Enter")
    an.is_at("Kies uw digitale sleutel om aan te melden")
    press_until(an, "mobiele app")
    assert focus_is_visible(an)
    keys.press("Enter")
    an.is_at("Aanmelden met beveiligingscode via mobiele app")
    for label, text in (("Gebruikersnaam", who.username), ("Wachtwoord", who.password),
                        ("Beveiligingscode", people.code_of(who))):
        press_until(an, label)
        assert focus_is_visible(an)
        keys.type(text)
    keys.press("Enter")
    an.is_at("Aanmelden voor RIZIV portaal")
    press_until(an, "Burger")
    keys.press("ArrowDown")
    expect(an.tab.get_by_role("radio", name="Arts")).to_be_checked()
    keys.press("Enter")
    an.is_at("Dossier van An Peeters")
    press_until(an, "Contactgegevens wijzigen")
    keys.press("Enter")
    an.is_at("Contactgegevens")
    press_until(an, "Gemeente")
    keys.press("Control+A")
    keys.type("Gent")
    keys.press("Enter")
    an.is_at("Contactgegevens bewaard")
    an.look("saved")


@pytest.mark.parametrize(
    ("language", "sign_in"), [("fr", "Se connecter"), ("de", "Anmelden"), ("en", "Sign in")], ids=["fr", "de", "en"])
def test_the_pages_speak_the_chosen_language_and_remember_it(visitor, language, sign_in):
    reader, who = visitor(), people.fresh()[0]
    reader.open_portal()
    reader.tab.get_by_role("link", name=language.upper(), exact=True).click()
    expect(reader.tab.locator("html")).to_have_attribute("lang", language)
    reader.look("start")
    reader.press(sign_in)
    for name in ("chooser", "app-code", "picker", "nothing"):
        if reader.tab.locator("html").get_attribute("lang") != language:
            reader.tab.get_by_role("link", name=language.upper(), exact=True).click()
        expect(reader.tab.locator("html")).to_have_attribute("lang", language)
        reader.look(name)
        match name:
            case "chooser":
                reader.tab.locator("button[value='app-code']").click()
            case "app-code":
                reader.tab.locator("input[name='username']").fill(who.username)
                reader.tab.locator("input[name='password']").fill(who.password)
                reader.tab.locator("input[name='code']").fill(people.code_of(who))
                reader.tab.locator("main button[type='submit']").click()
            case "picker":
                reader.tab.locator("main form button[type='submit']").click()


def test_two_tabs_keep_two_dossiers_apart(visitor):
    """Real Chromium tabs of one browser; the five hundred changes of the system lane go over plain HTTP."""
    holder, first, second = people.fresh(3)
    for grantor in (first, second):
        people.care_provider(grantor.national_number, grantor.last_name)
        people.mandate(grantor, holder)
    one = visitor()
    one.sign_in(holder)
    one.confirm_profile("Burger")
    tabs = {}
    for grantor in (first, second):
        if tabs:
            one.new_tab()
            one.open_portal("/welcome")
        one.is_at("Mandaatgever zoeken")
        one.fill("^Naam", grantor.last_name)
        one.press("Zoeken")
        one.row(grantor.last_name).get_by_role("button").click()
        one.sees("U werkt in het dossier van")
        tabs[grantor.last_name] = one.tab
    for number in range(6):
        name = (first, second)[number % 2].last_name
        one.tab = tabs[name]
        one.press("Contactgegevens wijzigen")
        one.fill("^Straat", f"Straat van {name} {number}")
        one.press("Bewaren")
        one.sees("Contactgegevens bewaard")
        one.sees(f"Straat van {name} {number}")
        one.press("Terug naar het dossier")
    for name, tab in tabs.items():
        one.tab = tab
        one.tab.reload()
        one.sees(f"Straat van {name}")
        other = next(key for key in tabs if key != name)
        one.does_not_see(f"Straat van {other}")


def test_a_forwarded_link_signs_nobody_else_in(visitor):
    """The address after the picker, opened in another browser, explains itself and signs nobody in."""
    who = people.fresh()[0]
    giver = journey.Visit()
    giver.sign_in(who)
    giver.stop_before = giver.portal + "/sign-in/callback"
    giver.choose("Burger")
    assert giver.stopped_before
    victim = visitor()
    victim.tab.goto(giver.stopped_before)
    victim.sees("hoort niet bij deze browser")
    victim.look("forwarded")
    victim.open_portal("/welcome")
    victim.does_not_see("Welkom")
