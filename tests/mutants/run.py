#!/usr/bin/env python3
"""Breaks each rule on purpose and asks which unit test sees it.

  tests/mutants/run.py          build (once) and run every mutant; prints the table of docs/mutants.md
  tests/mutants/run.py 12 40    only these numbers

A copy of the sources in build/mutants/source has every mutant of mutants.txt built in, each behind a switch, so one build
serves all of them. A mutant is given first to the tests that carry its rule's number, then, if they are silent, to all
others. Exit 1 if one survives. Needs what `./dev build` needs; the build takes as long as any, a mutant a second or two.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys

from switches import read_mutants, switched

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
WORK = ROOT / "build" / "mutants"
TESTS = WORK / "build" / "tests" / "unit_tests"
MUTANT_TIMEOUT_S = 600


def write_sources(mutants):
    """The copy with the switches; a file that is as it was keeps its time, so that it is not compiled again."""
    for path in ROOT.rglob("*"):
        name = path.relative_to(ROOT)
        if name.parts[0] in (".git", ".deps", "build") or not path.is_file():
            continue
        own = [m for m in mutants if m.file == str(name)]
        content = switched(path.read_text(), own).encode() if own else path.read_bytes()
        copy = WORK / "source" / name
        if copy.exists() and copy.read_bytes() == content:
            continue
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(content)
        shutil.copymode(path, copy)


def build():
    flags = f"-O1 -w -include {HERE / 'mutant.h'}"
    subprocess.run(["cmake", "-S", WORK / "source", "-B", WORK / "build", "-G", "Ninja", "-DCMAKE_BUILD_TYPE=RelWithDebInfo",
                    f"-DCMAKE_CXX_FLAGS_RELWITHDEBINFO={flags}", "-DCMAKE_EXE_LINKER_FLAGS=-fuse-ld=lld"], check=True)
    subprocess.run(["cmake", "--build", WORK / "build", "--target", "unit_tests"], check=True)


def failures(number, tests, *options):
    """The tests that fail with the mutant; one that ends the process is the last to have begun."""
    env = dict(os.environ, FLOSYNC_ROOT=str(ROOT), FLOSYNC_MUTANT=str(number))
    run = subprocess.run([TESTS, f"--gtest_filter={tests}", *options], env=env, timeout=MUTANT_TIMEOUT_S, capture_output=True,
                         text=True, errors="replace")
    failed = re.findall(r"^\[  FAILED  \] ([^ ,]+).* \(\d+ ms\)$", run.stdout, re.M)
    if " ran. (" not in run.stdout:
        failed += re.findall(r"^\[ RUN      \] (\S+)", run.stdout, re.M)[-1:]
    return failed


def main(numbers):
    mutants = read_mutants(HERE / "mutants.txt")
    write_sources(mutants)
    build()
    # What needs the built program, or asks over a network, is left to its own tests.
    others = "-*Command*:*Synthetic*:*Watch*:*Client*:*Http*:Backups*:FeedRetention*"
    if failed := failures(0, others):
        sys.exit(f"run.py: fails without any mutant: {', '.join(failed)}")
    survivors = 0
    for m in mutants:
        if numbers and m.number not in numbers:
            continue
        caught = failures(m.number, f"{m.rule}_*:*.{m.rule}_*") or failures(m.number, others, "--gtest_fail_fast")
        survivors += not caught
        more = f" and {len(caught) - 2} more" if len(caught) > 2 else ""
        tests = ", ".join(f"`{name}`" for name in caught[:2]) + more if caught else "**nothing**"
        print(f"| {m.number} | {m.rule} | {m.what} | `{m.file}` | {tests} |", flush=True)
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main({int(a) for a in sys.argv[1:]}))
