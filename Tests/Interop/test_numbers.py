#!/usr/bin/env python3
"""python-stdnum and the Vocabulary module judge the same 100,000 numbers.

Run by pytest, or by hand to repeat a seed: test_numbers.py <number-oracle executable> [--seed N] [--count N]

A third of the numbers is valid, a third is valid with one to three digits changed, a third is random. Where our rule
is deliberately stricter than python-stdnum's, `expected_*` says so with the reason; everything else has to agree,
national numbers in register, birth date, sex and print format as well.
"""

import argparse
import calendar
import datetime
import os
import random
import secrets
import subprocess
import sys
from pathlib import Path

from stdnum.be import bis, nn, vat

TODAY = datetime.date.today()


def check(base: int, born_after_2000: bool) -> int:
    return 97 - ((2_000_000_000 if born_after_2000 else 0) + base) % 97


def valid_national(rng: random.Random) -> str:
    year = rng.randint(1900, TODAY.year)
    month = rng.choice([0, *range(1, 13)])
    day = rng.randint(0, 31) if month else rng.randint(0, 99)
    if month and day > calendar.monthrange(year, month)[1] and rng.random() < 0.8:
        day = calendar.monthrange(year, month)[1]
    month += rng.choice([0, 0, 20, 40])
    base = (year % 100) * 10_000_000 + month * 100_000 + day * 1000 + rng.randint(1, 998)
    return f"{base:09d}{check(base, year >= 2000):02d}"


def valid_enterprise(rng: random.Random) -> str:
    base = rng.randint(0, 19_999_999)
    return f"{base:08d}{97 - base % 97:02d}"


def corrupted(rng: random.Random, number: str) -> str:
    digits = list(number)
    for place in rng.sample(range(len(digits)), rng.randint(1, 3)):
        digits[place] = rng.choice("0123456789")
    if rng.random() < 0.05:
        digits.insert(rng.randrange(len(digits)), rng.choice("0123456789xA-. "))
    if rng.random() < 0.05:
        digits.pop(rng.randrange(len(digits)))
    return "".join(digits)


def written(rng: random.Random, kind: str, number: str) -> str:
    """The number in one of the ways in which people write it."""
    style = rng.random()
    if style < 0.7 or not number.isdigit():
        return number
    if kind == "national" and len(number) == 11:
        return nn.format(number) if style < 0.85 else f"{number[:6]} {number[6:9]} {number[9:]}"
    if kind == "enterprise" and len(number) == 10:
        return f"{number[:4]}.{number[4:7]}.{number[7:]}" if style < 0.85 else f"BE{number}"
    return number


def numbers(rng: random.Random, count: int):
    for index in range(count):
        kind = "enterprise" if index % 3 == 2 else "national"
        valid = valid_enterprise if kind == "enterprise" else valid_national
        source = rng.randrange(3)
        if source == 0:
            number = valid(rng)
        elif source == 1:
            number = corrupted(rng, valid(rng))
        else:
            width = 10 if kind == "enterprise" else 11
            number = f"{rng.randrange(10 ** width):0{width}d}"
        yield kind, written(rng, kind, number)


def expected_national(number: str) -> str | None:
    if nn.is_valid(number):
        module, register = nn, "register"
    elif bis.is_valid(number):
        module, register = bis, "bis"
    else:
        return None
    digits = module.compact(number)
    # Stricter: the sequences 000 and 999 are not given out.
    if digits[6:9] in ("000", "999"):
        return None
    year, month, day = nn._get_birth_date_parts(digits)
    # Stricter: python-stdnum looks at the year alone to see that a birth lies in the future.
    if year == TODAY.year and month and (month, day or 1) > (TODAY.month, TODAY.day):
        return None
    # Stricter: python-stdnum takes a day that its month does not have for one that is not known.
    born_in = int(digits[2:4]) % 20
    if born_in and int(digits[4:6]) > calendar.monthrange(year or 1900, born_in)[1]:
        return None
    sex = {"M": "male", "F": "female", None: "-"}[module.get_gender(digits)]
    # With the month raised by 20 the sex is unknown; python-stdnum says so for BIS numbers alone.
    parts = [digits, register, module.format(digits)] + [str(part) if part else "-" for part in (year, month, day)]
    return " ".join(["valid", *parts, sex])


def expected_enterprise(number: str) -> str | None:
    if not vat.is_valid(number):
        return None
    digits = vat.compact(number)
    # Stricter: check digits are 97 minus the remainder, so never 00, 98 or 99, which are equal to 97, 1 and 2 modulo 97.
    if digits[8:] in ("00", "98", "99"):
        return None
    return f"valid {digits}"


def test_python_stdnum_agrees_on_100_000_numbers():
    assert main([str(Path(os.environ["TOEGANG_TEST_PRODUCTS"]) / "number-oracle")]) == 0


def main(given: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("oracle")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--count", type=int, default=100_000)
    arguments = parser.parse_args(given)
    seed = arguments.seed if arguments.seed is not None else secrets.randbelow(2**32)
    print(f"seed {seed}, {arguments.count} numbers, read on {TODAY}")

    asked = list(numbers(random.Random(seed), arguments.count))
    answers = subprocess.run(
        [arguments.oracle, TODAY.isoformat()],
        input="".join(f"{kind} {number}\n" for kind, number in asked),
        capture_output=True, text=True, check=True, timeout=300,
    ).stdout.splitlines()
    if len(answers) != len(asked):
        print(f"FAILED: {len(asked)} numbers asked, {len(answers)} answers")
        return 1

    counts = {"valid": 0, "invalid": 0}
    differences = 0
    for (kind, number), answer in zip(asked, answers):
        expected = expected_national(number) if kind == "national" else expected_enterprise(number)
        counts["valid" if expected else "invalid"] += 1
        agrees = answer == expected if expected else answer.startswith("invalid ")
        if not agrees:
            differences += 1
            if differences <= 20:
                print(f"DIFFERS {kind} {number!r}: python-stdnum {expected or 'invalid'}, ours {answer}")
    print(f"{counts['valid']} valid, {counts['invalid']} invalid, {differences} differences")
    if not all(counts.values()):
        print("FAILED: one of the two kinds never occurred")
        return 1
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
