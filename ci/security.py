#!/usr/bin/env python3
"""Computes the proven bits a second time, from the formulas of the papers, and compares them with `zisk security`.

    ci/security.py [ZISK]     the command to compare with; without it the figures are only printed

Errors are probabilities, bits their negative logarithms; those of all terms are added. What the tables are is read from
the snapshots in air/tests/snapshots, the parameters stand here once more.
"""
import json
import re
import subprocess
import sys
from math import ceil, log2
from pathlib import Path

P = 2**31 - 2**24 + 1
FIELD = 5 * log2(P)                 # the quintic extension
HASH = 9 * log2(P) / 2              # collisions of nine elements
WHIR, GRINDING, NONCE = 136, 16, 12
FIRST_FOLD, FOLD, LAST = 6, 4, 6
TWO_ADICITY = 24
CLASSES = range(20, 28)
PROGRAMS = range(6, 24)
PROGRAM_COLUMNS = 8
DEGREE = 9                          # a test of air holds every table to it


def tables():
    """Columns of every table with all its parts."""
    kinds = re.findall(r"^ {16}(\w+) = (\w+)(?:\([^)]*\))?, (\d);", Path("air/src/kind.rs").read_text(), re.M)
    columns = []
    for _, name, count in kinds:
        snapshot = Path(f"air/tests/snapshots/snapshots__{name}.snap").read_text()
        columns += int(count) * [int(re.search(r"^(\d+) columns", snapshot, re.M)[1])]
    return columns


def constraints_and_widths():
    """The most polynomials that a table constrains, and the elements of the widest tuple."""
    most, widest = 0, 0
    for snapshot in Path("air/tests/snapshots").glob("snapshots__*.snap"):
        sections = snapshot.read_text().split("\n\n")
        constraints = [section for section in sections if section.startswith("constraints:")]
        interactions = [section for section in sections if section.startswith("interactions:")]
        if constraints and interactions:
            most = max(most, len(re.findall(r"^ {4}\S", constraints[0], re.M)))
            tuples = re.split(r"^ {2}\S.*$", interactions[0], flags=re.M)[1:]
            widest = max([widest, *(len(re.findall(r"^ {4}\S", fields, re.M)) for fields in tuples)])
    return most, widest


def total(bits):
    return -log2(sum(2**-b for b in bits))


def queries(bits, rate):
    """How many positions of a code of rate 2^-rate catch a word beyond unique decoding with so many bits."""
    return ceil(bits / (1 - log2(1 + 2**-rate)))


def whir(cells, rate, claims):
    """WHIR (2024/1586) over 2^cells values under unique decoding: its errors, round by round."""
    rate = min(rate, TWO_ADICITY + FIRST_FOLD - cells)
    folds, left = [FIRST_FOLD], cells - FIRST_FOLD
    while left > LAST:
        folds.append(ceil((left - LAST) / ceil((left - LAST) / FOLD)))
        left -= folds[-1]

    def work(bits):
        """Bits of work that bring a term to its bits, of which there are no more than so many at a place."""
        needed = max(0, ceil(WHIR - bits))
        assert needed <= GRINDING, f"{needed} bits of work"
        return needed

    def ground(bits):
        return bits + work(bits)

    errors, variables = [FIELD - log2(claims)], cells
    for i, fold in enumerate(folds):
        # Of each variable: the proximity gap (2020/654, theorem 1.2: the length of the code over the field), the sumcheck.
        gap, sumcheck = FIELD - (variables + rate), FIELD - 1
        done = work(min(gap, sumcheck))
        errors += fold * [gap + done, sumcheck + done]
        count = queries(WHIR - GRINDING, rate)
        errors.append(ground(count * (1 - log2(1 + 2**-rate))))
        if i + 1 < len(folds):
            errors.append(ground(FIELD - log2(count + 1)))
        variables, rate = variables - fold, rate + 1
    errors += left * [ground(FIELD - 1)]
    return total(errors)


def report(cells):
    columns, (constraints, widest) = tables(), constraints_and_widths()
    fractions = cells - 1
    return {
        "batching of a table's constraints": FIELD - log2(constraints),
        "batching of the tables": FIELD - log2(len(columns)),
        "point of the constraints": FIELD - log2(cells),
        "sumcheck of the constraints": FIELD - log2(cells * (DEGREE + 1)),
        # 2022/1530: as many tuples as there are, of so many elements and the bus.
        "fingerprints of look-ups, with their nonce": FIELD - log2(2**fractions * (widest + 2)) + NONCE,
        # 2023/1284: two challenges and a cubic sumcheck for each layer.
        "sum of fractions": FIELD - log2(2 * fractions + 3 * fractions * (fractions - 1) / 2),
        "batching of numerators and denominators": FIELD,
        "batching of look-ups and constraints": FIELD,
        "opening of the tables": whir(cells, 1, sum(columns) + 100),
        "opening of the program": min(whir(rows + 3, min(3, max(1, 21 - rows)), PROGRAM_COLUMNS) for rows in PROGRAMS),
        "hash collisions": HASH,
    }


def main():
    theirs = {}
    if len(sys.argv) > 1:
        out = subprocess.run([sys.argv[1], "--json", "security"], check=True, capture_output=True, text=True).stdout
        theirs = {each["log_cells"]: each for each in json.loads(out)["classes"]}
        assert sorted(theirs) == list(CLASSES), "other classes"
    for cells in CLASSES:
        ours = report(cells)
        print(f"2^{cells}: {total(ours.values()):.2f} bits")
        if theirs:
            other = theirs[cells]
            assert sorted(other["terms"]) == sorted(ours), "other terms"
            pairs = [(name, ours[name], bits) for name, bits in other["terms"].items()]
            pairs.append(("all", total(ours.values()), other["bits"]))
            for name, mine, bits in pairs:
                # The library takes the field for 2^154, so it says less, by no more than that.
                assert -0.05 <= mine - bits <= 1, f"2^{cells}, {name}: {mine:.2f} here, {bits:.2f} there"
            assert total(ours.values()) >= 128 and other["bits"] >= 128, f"2^{cells}: fewer than 128 bits"


main()
