"""Wrong-dossier safety: one holder, two grantors, two tabs of one browser, and changes that cross each other."""

import random
import threading

from support import journey, people, suite
from support.journey import Visit, tab_of

CHANGES = 500


def change_street(tab: Visit, dossier_page: str, street: str) -> None:
    tab.open(dossier_page)
    tab.follow("Contactgegevens wijzigen")
    form = tab.form_with("street")
    tab.send(form, form.buttons[0], {"street": street})


def holder_with_two_dossiers():
    holder, first, second = people.fresh(3)
    for grantor in (first, second):
        people.care_provider(grantor.national_number, grantor.last_name)
        people.mandate(grantor, holder)
    one = journey.enter(holder)
    one.at("Mandaatgever zoeken")
    other = tab_of(one)
    other.open(f"{one.portal}/welcome")
    one.open_grantor(first.last_name)
    other.open_grantor(second.last_name)
    return {first.last_name: one, second.last_name: other}


def test_500_interleaved_changes_reach_the_dossier_of_their_tab():
    tabs = holder_with_two_dossiers()
    names = list(tabs)
    pages = {name: tab.url for name, tab in tabs.items()}
    chance = random.Random(20260131)
    order = [chance.choice(names) for _ in range(CHANGES)]
    written = {name: [f"Straat {name} {number}" for number, who in enumerate(order) if who == name] for name in names}
    failures: list[str] = []

    def work(name: str) -> None:
        tab = tabs[name]
        for street in written[name]:
            change_street(tab, pages[name], street)
            if "bewaard in het dossier van" not in tab.page.text.lower() or name not in tab.page.text:
                failures.append(tab.describe())
                return

    workers = [threading.Thread(target=work, args=(name,)) for name in names]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert not failures, failures[0]

    for name, tab in tabs.items():
        tab.open(pages[name])
        tab.says(written[name][-1])
        other = next(key for key in names if key != name)
        tab.does_not_say(f"Straat {other}")
    assert {name: audited_changes(name) for name in names} == {name: len(written[name]) for name in names}


def audited_changes(last_name: str) -> int:
    """How many changes the audit of a grantor's dossier has."""
    rows = suite.psql(
        "SELECT count(*) FROM profile_resolution.audit_record a JOIN profile_resolution.dossier d ON d.id = a.dossier "
        f"WHERE a.action = 'dossier.contact.change' AND a.outcome = 'allowed' AND d.last_name = '{last_name}'")
    return int(rows[0])


def test_the_form_of_one_dossier_sent_from_the_tab_of_another_changes_nothing():
    tabs = holder_with_two_dossiers()
    (first, one), (second, other) = tabs.items()
    pages = {name: tab.url for name, tab in tabs.items()}
    one.open(pages[first])
    one.follow("Contactgegevens wijzigen")
    foreign = one.form_with("street")
    other.open(pages[second])
    other.follow("Contactgegevens wijzigen")
    own = other.form_with("street")
    # What a confused browser would do: the page of the first dossier, sent to the tab of the second.
    own.field("dossier").value = foreign.field("dossier").value
    own.field("version").value = foreign.field("version").value
    other.send(own, own.buttons[0], {"street": "Verkeerde straat 1"})
    assert other.status == 409, other.describe()
    for name, tab in tabs.items():
        tab.open(pages[name])
        tab.does_not_say("Verkeerde straat 1")
