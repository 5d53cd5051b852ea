"""The list of mutants, and sources in which each of them is a switch: FLOSYNC_MUTANT=n breaks the n-th."""
import collections
import pathlib
import re

Mutant = collections.namedtuple("Mutant", "number rule what file old new everywhere")


def read_mutants(path):
    mutants, head = [], None
    for line in pathlib.Path(path).read_text().splitlines():
        if line.startswith("#") or not line:
            continue
        if line.startswith("-"):
            everywhere, old = line.startswith("-*"), line.split(" ", 1)[1]
        elif line.startswith("+"):
            rule, what, file = re.fullmatch(r"(\S+) (.*) \| (\S+)", head).groups()
            mutants.append(Mutant(len(mutants) + 1, rule, what, file, old, line[2:], everywhere))
        else:
            head = line
    return mutants


def switched(text, mutants):
    """The text of one file with its mutants built in."""
    for m in mutants:
        if text.count(m.old) != 1 and not m.everywhere or m.old not in text:
            raise SystemExit(f"mutant {m.number} ({m.rule} {m.what}): {m.file} has {text.count(m.old)} of: {m.old}")
    # Longer ones first, so that a shorter one within them is still found.
    for m in sorted(mutants, key=lambda m: -len(m.old)):
        new, active = m.new.replace("#", str(m.number)), f"Mutant({m.number})"
        if "Mutant(" in new:  # says itself where it switches
            text = text.replace(m.old, new)
        elif m.old.endswith(";"):
            text = text.replace(m.old, f"{{ if ({active}) {{ {new} }} else {{ {m.old} }} }}")
        else:
            text = text.replace(m.old, f"({active} ? ({new}) : ({m.old}))")
    return text
