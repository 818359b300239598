"""A mandate that is stopped is stopped everywhere: at introspection, at the portal, in the profile list."""

from support import effects


def test_200_stops_take_effect_everywhere_within_five_seconds(capsys):
    measured = effects.stops(200)
    with capsys.disabled():
        print("", *effects.lines(measured), sep="\n")
    for place, times in measured.items():
        assert len(times) == 200, f"{place}: {200 - len(times)} stops had no effect"
        assert max(times) < 5, f"{place}: a stop took {max(times):.2f} s"


def test_a_right_shows_in_the_profile_list_and_goes_again_within_five_seconds(capsys):
    measured = effects.rights(20)
    with capsys.disabled():
        print("", *effects.lines(measured), sep="\n")
    for place, times in measured.items():
        assert max(times) < 5, f"{place}: {max(times):.2f} s"
