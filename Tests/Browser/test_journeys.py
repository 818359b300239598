"""What each persona's story says, in a real Chromium and without JavaScript."""

import re
import time

import pytest
from playwright.sync_api import expect

from support import journey, people
from support.people import persona


def test_an_lands_in_her_own_dossier_and_changes_her_contact_data(visitor):
    an = visitor()
    an.sign_in(persona("an.peeters"))
    an.confirm_profile("Arts")
    an.is_at("Dossier van An Peeters")
    an.sees("1-99901-16-004")
    an.look("welcome")
    an.press("Contactgegevens wijzigen")
    an.is_at("Contactgegevens")
    an.look("contact")
    an.fill("^Straat", "")
    an.press("Bewaren")
    an.sees("vul dit in")
    an.look("contact-refused")
    street = f"Lindelaan {int(time.time()) % 1000}"
    an.fill("^Straat", street)
    an.press("Bewaren")
    an.is_at("Contactgegevens bewaard")
    an.sees(street)
    an.look("saved")
    an.press("Terug naar het dossier")
    an.sees(street)
    an.sign_out()


def test_an_chooses_a_pharmacist_nowhere(visitor):
    an = visitor()
    an.sign_in(persona("an.peeters"))
    assert an.tab.get_by_role("radio", name="Arts").count() == 1
    assert an.tab.get_by_role("radio", name="Apotheker").count() == 0


def test_bram_is_told_that_his_dossier_is_being_set_up(visitor):
    bram = visitor()
    bram.sign_in(persona("bram.claes"))
    expect(bram.tab.get_by_role("radio", name="Kinesitherapeut")).to_be_disabled()
    bram.sees("Dit duurt enkele dagen")
    bram.confirm_profile("Burger")
    bram.sees("is gekend; wat nog ontbreekt, is het dossier zelf")
    bram.sees("nog niet opgezet, neem dan contact op met ons Service Center")
    bram.look("nothing-yet")
    bram.sign_out()


def test_chloe_reaches_the_dossier_of_an_under_her_mandate(visitor):
    chloe = visitor()
    chloe.sign_in(persona("chloe.dubois"))
    chloe.confirm_profile("Burger")
    chloe.is_at("Mandaatgever zoeken")
    chloe.look("grantors")
    chloe.fill("^RIZIV-nummer", "1-99901-16-004")
    chloe.press("Zoeken")
    chloe.sees("Aantal gevonden resultaten : 1")
    chloe.sees("Tonen 25")
    chloe.look("grantors-found")
    chloe.row("Peeters").get_by_role("button").click()
    chloe.is_at("Dossier van An Peeters")
    chloe.sees("U werkt in het dossier van An Peeters")
    chloe.look("dossier")
    chloe.press("Contactgegevens wijzigen")
    chloe.look("contact")
    phone = f"+32 470 {int(time.time()) % 100:02d} 12 34"
    chloe.fill("^Telefoon", phone)
    chloe.press("Bewaren")
    chloe.is_at("Contactgegevens bewaard")
    chloe.sees("Bewaard in het dossier van An Peeters")
    chloe.sees(phone)
    chloe.look("saved")


@pytest.mark.parametrize(("field", "text", "found"), [
    ("^Rijksregisternummer", "79.04.12-990.46", 1), ("^Naam", "vermeulen", 1), ("^Voornaam", "An", 1),
    ("^Naam", "Nobody", 0), ("^RIZIV-nummer", "4-99901-37-408", 0),
])
def test_chloe_searches_among_her_own_grantors_only(visitor, field, text, found):
    chloe = visitor()
    chloe.sign_in(persona("chloe.dubois"))
    chloe.confirm_profile("Burger")
    chloe.fill(field, text)
    chloe.press("Zoeken")
    chloe.sees(f"Aantal gevonden resultaten : {found}" if found else "Er is geen zorgverlener gevonden")
    chloe.look("result")


def test_chloe_reads_what_is_wrong_with_a_number(visitor):
    chloe = visitor()
    chloe.sign_in(persona("chloe.dubois"))
    chloe.confirm_profile("Burger")
    chloe.fill("^RIZIV-nummer", "1-99901-17-004")
    chloe.press("Zoeken")
    chloe.sees("Dit is geen RIZIV-nummer")
    chloe.look("wrong-number")
    assert "19990117" not in chloe.tab.url


def test_dirk_acts_for_the_insurer_and_may_not_change_what_its_mandate_does_not_cover(visitor):
    dirk = visitor()
    dirk.sign_in(persona("dirk.maes"))
    dirk.confirm_profile("Burger", "Verzekeringen Noord NV")
    dirk.is_at("Mandaatgever zoeken")
    dirk.fill("^Naam", "Peeters")
    dirk.press("Zoeken")
    dirk.look("grantors")
    dirk.row("Peeters").get_by_role("button").click()
    dirk.is_at("Dossier van An Peeters")
    dirk.sees("dat deze zorgverlener aan Verzekeringen Noord NV gaf")
    dirk.look("dossier")
    dirk.does_not_see("Contactgegevens wijzigen")
    dirk.press("Een ander dossier openen")
    dirk.fill("^Naam", "Benali")
    dirk.press("Zoeken")
    dirk.row("Benali").get_by_role("button").click()
    dirk.is_at("Dossier van Mehdi Benali")
    dirk.press("Contactgegevens wijzigen")
    dirk.fill("^Gemeente", "Genk")
    dirk.press("Bewaren")
    dirk.sees("Bewaard in het dossier van Mehdi Benali")


def test_els_gives_a_right_that_shows_in_the_picker_and_takes_it_away(visitor):
    hospital = "Algemeen Ziekenhuis Zilverberg"
    els, someone = visitor("els"), people.fresh()[0]
    before = journey.Visit()
    before.sign_in(someone)
    before.does_not_say(hospital)

    els.sign_in(persona("els.wouters"))
    els.confirm_profile("Burger")
    els.press("Toegang tot mijn organisatie")
    els.look("organisations")
    if not els.tab.get_by_role("heading", name="Iemand een recht geven").count():
        els.press(hospital)
    els.is_at("Rechten in de organisatie")
    els.sees(hospital)
    els.look("organisation")
    els.fill("^Rijksregisternummer of BIS-nummer", "12")
    els.press("Recht geven")
    els.sees("Dit is geen rijksregisternummer of BIS-nummer")
    els.look("right-refused")
    els.sees("Vul de familienaam in van wie het recht krijgt.")
    els.fill("^Rijksregisternummer of BIS-nummer", someone.national_number)
    els.fill("^Familienaam", someone.last_name.upper())
    els.tab.get_by_role("radio").nth(1).check()
    els.fill("^Vanaf", people.today("%d/%m/%Y"))
    els.press("Recht geven")
    els.sees("Het recht is gegeven")
    els.look("right-given")
    assert someone.national_number not in els.tab.content()
    # She signed in before, so her first name is shown.
    els.sees(f"{someone.first_name} {someone.last_name}")

    after = journey.Visit()
    after.sign_in(someone)
    assert hospital in after.offered(), after.describe()
    # This right uses no mandates: who acts for the hospital by it reads whom to ask for one that does.
    asking = visitor("asking")
    asking.sign_in(someone)
    asking.confirm_profile("Burger", hospital)
    asking.is_at("Wie u een recht kan geven")
    asking.sees("Els Wouters (hoofdtoegangsbeheerder)")
    asking.look("whom-to-ask")

    masked = someone.national_number[:6]
    row = els.tab.get_by_role("row").filter(
        has_text=f"{masked[:2]}.{masked[2:4]}.{masked[4:]}").filter(has_text="Actief")
    row.get_by_role("link").or_(row.get_by_role("button")).first.click()
    els.look("right-end")
    els.press("Recht beëindigen")
    els.sees("Het recht is beëindigd")
    els.look("right-ended")
    again = journey.Visit()
    again.sign_in(someone)
    again.does_not_say(hospital)


def test_a_right_waits_until_number_and_name_turn_out_to_be_of_one_person(visitor):
    """A typing error opens nothing to a stranger, and the giver cannot tell it from a number that nobody knows."""
    hospital = "Algemeen Ziekenhuis Zilverberg"
    els, stranger, late = visitor("els-waits"), people.fresh()[0], people.fresh_number()
    els.sign_in(persona("els.wouters"))
    els.confirm_profile("Burger")
    els.press("Toegang tot mijn organisatie")
    if not els.tab.get_by_role("heading", name="Iemand een recht geven").count():
        els.press(hospital)
    said = []
    for number, name in ((stranger.national_number, "Vandenberghe"), (late, "Testlaat")):
        els.fill("^Rijksregisternummer of BIS-nummer", number)
        els.fill("^Familienaam", name)
        els.tab.get_by_role("radio").nth(1).check()
        els.press("Recht geven")
        els.sees("Het recht wacht tot iemand met dit nummer zich aanmeldt")
        row = els.row(f"{number[:2]}.{number[2:4]}.{number[4:6]}").filter(has_text=name)
        expect(row).to_contain_text("Wacht tot iemand met dit nummer zich aanmeldt")
        said.append(els.tab.locator("[role=alert]").inner_text())
    els.look("right-waits")
    assert said[0] == said[1]

    visit = journey.Visit()
    visit.sign_in(stranger)
    visit.does_not_say(hospital)

    # Somebody comes with the other number, and is called so.
    who = people.fresh(number=late)[0]
    els.fill("^Rijksregisternummer of BIS-nummer", late)
    els.fill("^Familienaam", f"Van {who.last_name}")
    els.tab.get_by_role("radio").nth(0).check()
    els.press("Recht geven")
    els.sees("Het recht wacht")
    els.fill("^Rijksregisternummer of BIS-nummer", late)
    els.fill("^Familienaam", f" {who.last_name.upper()} ")
    els.tab.get_by_role("radio").nth(0).check()
    els.press("Recht geven")
    els.sees("Het recht is gegeven")
    # She has not signed in yet: her first name is not told.
    row = els.row(f"{late[:2]}.{late[2:4]}.{late[4:6]}").filter(has_text=who.last_name)
    expect(row).not_to_contain_text(f"{who.first_name} {who.last_name}")
    visit = journey.Visit()
    visit.sign_in(who)
    assert hospital in visit.offered(), visit.describe()
    els.open_portal("/welcome")
    els.press("Toegang tot mijn organisatie")
    if not els.tab.get_by_role("heading", name="Iemand een recht geven").count():
        els.press(hospital)
    expect(els.row(who.last_name)).to_contain_text(f"{who.first_name} {who.last_name}")
    els.press("Rechten die wachten")
    els.look("waiting")
    els.row("Vandenberghe").get_by_role("link").first.click()
    els.is_at("Dit recht intrekken?")
    els.look("withdraw")
    els.press("Recht intrekken")
    els.sees("Het recht is ingetrokken")
    els.look("withdrawn")


def test_farid_lands_on_his_own_dossier_as_no_care_provider(visitor):
    farid = visitor()
    farid.sign_in(persona("farid.elamrani"))
    assert farid.tab.get_by_role("radio").count() == 1, "no profession to choose"
    farid.confirm_profile("Burger")
    farid.is_at("Dossier van Farid El Amrani")
    farid.sees("Huisartsengroepering De Linde")
    farid.look("welcome")


def test_hugo_has_two_professions_and_meets_profile_selection_as_citizen(visitor):
    hugo = visitor()
    hugo.sign_in(persona("hugo.janssens"))
    for profession in ("Apotheker", "Apotheker-bioloog"):
        assert hugo.tab.get_by_role("radio", name=profession, exact=True).count() == 1
    hugo.confirm_profile("Burger")
    hugo.is_at("Profiel selectie")
    hugo.sees("U beschikt over meerdere profielen binnen MyRiziv.")
    hugo.look("profile-selection")
    hugo.press("Doorgaan als mandaathouder")
    hugo.is_at("Mandaatgever zoeken")
    hugo.press("Zoeken")
    hugo.row("Vermeulen").get_by_role("button").click()
    hugo.is_at("Dossier van Lotte Vermeulen")
    hugo.open_portal("/profile-selection")
    hugo.press("Doorgaan als burger")
    hugo.is_at("Dossier van Hugo Janssens")
    hugo.sees("Apotheek Janssens")


def test_hugo_acts_as_pharmacist_biologist(visitor):
    hugo = visitor()
    hugo.sign_in(persona("hugo.janssens"))
    hugo.confirm_profile("Apotheker-bioloog")
    hugo.is_at("Dossier van Hugo Janssens")
    hugo.sees("Apotheker-bioloog")
    hugo.look("welcome")


def test_jan_is_told_what_he_would_need(visitor):
    jan = visitor()
    jan.sign_in(persona("jan.desmet"))
    jan.confirm_profile("Burger")
    jan.is_at("Welkom, Jan De Smet")
    jan.sees("Wat geeft wel toegang?")
    jan.look("nothing")
    jan.sign_out()


def test_the_grantor_stops_a_mandate_and_the_open_tab_says_why(visitor):
    """On fresh people, so that the personas keep their mandates."""
    grantor, holder = people.fresh(2)
    people.care_provider(grantor.national_number, grantor.last_name)
    people.mandate(grantor, holder)

    helper = visitor("stop-holder")
    helper.sign_in(holder)
    helper.confirm_profile("Burger")
    helper.is_at("Mandaatgever zoeken")
    helper.press("Zoeken")
    helper.row(grantor.last_name).get_by_role("button").click()
    helper.sees("U werkt in het dossier van")
    helper.press("Contactgegevens wijzigen")

    giver = visitor("stop-grantor")
    giver.sign_in(grantor)
    giver.confirm_profile("Verpleegkundige")
    giver.press("Mijn mandaten")
    giver.is_at("Mijn mandaten")
    giver.look("mandates")
    giver.row("Actief").get_by_role("link", name="Stoppen").or_(
        giver.row("Actief").get_by_role("button", name="Stoppen")).first.click()
    giver.look("confirm")
    giver.press("Mandaat stoppen")
    giver.sees("is gestopt")
    giver.look("stopped")

    helper.fill("^Straat", "Te laat 1")
    helper.press("Bewaren")
    helper.is_at("Dit dossier is niet meer toegankelijk")
    helper.sees("Wat u net verstuurde, is niet bewaard")
    helper.look("lost")
    giver.press("Terug")
    giver.does_not_see("Te laat 1")


def test_signing_out_here_ends_the_other_portal_tab_as_well(visitor):
    who = people.fresh()[0]
    one = visitor()
    one.sign_in(who)
    one.confirm_profile("Burger")
    other = one.tab
    one.new_tab()
    one.open_portal("/welcome")
    one.sign_out()
    one.tab = other
    one.open_portal("/welcome")
    one.does_not_see("Welkom,")
    one.look("after-sign-out")


def test_wrong_credentials_get_one_answer_whatever_was_wrong(visitor):
    who = people.fresh()[0]
    texts = set()
    for username, password, code in (
        ("niemand.hier", who.password, "123456"), (who.username, "verkeerd-wachtwoord", people.code_of(who)),
        (who.username, who.password, "000000"),
    ):
        one = visitor("wrong-credentials")
        one.open_portal()
        one.press("Aanmelden")
        one.press("met beveiligingscode via mobiele app")
        one.fill("^Gebruikersnaam", username)
        one.fill("^Wachtwoord", password)
        one.fill("^Beveiligingscode", code)
        one.tab.get_by_role("button", name="Aanmelden", exact=True).click()
        one.sees("U bent niet aangemeld")
        texts.add(re.sub(r"\s+", " ", one.tab.locator("main").inner_text()))
    one.look("refused")
    assert len(texts) == 1, texts
