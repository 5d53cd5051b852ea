"""Reference tables as data: imported into a state directory, checked, and named by what is counted with them (B8, R15)."""

import json
import unittest

from flosync_testing import (JANUARY_2024_MS, ROOT, Daemon, Workplace, contract, exported, read_so_many, replay, rows, run,
                             small_register, write_lines)

TABLES = ROOT / "state" / "geography" / "tables"
DECEMBER_2026_MS = 1796896800000  # 2026-12-10T10:00:00Z


def table(directory, name, *more_lines, replace=()):
    directory.mkdir(exist_ok=True)
    text = (TABLES / name).read_text(encoding="utf-8")
    for old, new in replace:
        assert old in text, f"{name}: no {old!r}"
        text = text.replace(old, new)
    (directory / name).write_text(text + "".join(line + "\n" for line in more_lines), encoding="utf-8")


def inspect(state):
    return json.loads(run("state", "inspect", "--state", state, "--output", "json").stdout)


def import_tables(state, tables, *options, **run_options):
    return run("state", "import-reference", "--state", state, "--tables", tables, *options, **run_options)


def numerators(path, measure, breakdown="all"):
    return {row["area_code"]: row["numerator"] for row in rows(path)
            if row["measure"] == measure and row["breakdown"] == breakdown}


class StateTest(unittest.TestCase):
    def test_next_years_tables_without_a_new_program(self):
        with Workplace() as place:
            # Frosta (5036) has 2 667 inhabitants in 2026; with 1 999 it is in another group.
            write_lines(place / "in" / "a.ndjson", [contract(9001, "2026-12-01T10:00:00", DECEMBER_2026_MS, municipality="5036")])
            replay(place / "in", place / "state", place / "before", "--until", "2027-01-01")
            self.assertEqual(numerators(place / "before" / "2027-01-01.1.csv", "list_count")["2000_4999"], "1")
            shipped = inspect(place / "state")
            self.assertEqual((shipped["tables"], shipped["last_structure_date"], shipped["last_population_year"]),
                             ("shipped", "2026-12-31", 2026))
            self.assertEqual(shipped["counted_by"], shipped["vintage"])

            table(place / "tables", "population.csv", "5036,2027,1999")
            said = import_tables(place / "state", place / "tables").stdout
            self.assertIn("read and in order: population.csv", said)
            imported = inspect(place / "state")
            self.assertEqual((imported["tables"], imported["last_structure_date"], imported["last_population_year"]),
                             ("imported", "2027-12-31", 2027))
            self.assertEqual(imported["imported_from"], str(place / "tables"))
            self.assertEqual(imported["population.csv"], shipped["population.csv"] + 1)
            self.assertEqual(imported["kommuner.csv"], 838)
            self.assertNotEqual(imported["vintage"], shipped["vintage"])
            # Figures follow with the next start.
            self.assertEqual(imported["counted_by"], shipped["vintage"])

            replay(place / "in", place / "state", place / "after", "--until", "2027-02-01")
            self.assertEqual(inspect(place / "state")["counted_by"], imported["vintage"])
            counts = numerators(place / "after" / "2027-02-01.1.csv", "list_count")
            self.assertEqual((counts["under_2000"], counts["2000_4999"]), ("1", "0"))
            # A new population table is no correction.
            before, after = exported(place / "before"), exported(place / "after")
            self.assertEqual(before["2027-01-01.1.csv"], after["2027-01-01.1.csv"])
            self.assertNotIn("2027-01-01.2.csv", after)

    def test_a_state_that_begins_with_imported_tables(self):
        with Workplace() as place:
            table(place / "tables", "kommunegrupper.csv", replace=[("Under 2 000 innbyggere", "Færre enn 2 000")])
            import_tables(place / "state", place / "tables")
            write_lines(place / "in" / "a.ndjson", small_register())
            replay(place / "in", place / "state", place / "out", "--until", "2024-02-01")
            names = {row["area_code"]: row["area_name"] for row in rows(place / "out" / "2024-02-01.1.csv")}
            self.assertEqual(names["under_2000"], "Færre enn 2 000")
            # Back to the shipped ones.
            run("state", "import-reference", "--state", place / "state", "--shipped")
            self.assertEqual(inspect(place / "state")["tables"], "shipped")

    def test_snapshots_name_the_vintage_and_a_running_daemon_keeps_the_state(self):
        with Workplace() as place:
            write_lines(place / "in" / "a.ndjson", small_register())
            table(place / "tables", "population.csv", "0301,2027,740000")
            import_tables(place / "state", place / "tables")
            vintage = inspect(place / "state")["vintage"]
            replay(place / "in", place / "state", None, "--until", "2024-02-01")
            with Daemon(place / "state", "--input", place / "in") as daemon:
                daemon.wait_until(read_so_many(len(small_register())))
                listed = json.loads(run("snapshot", "list", "--address", daemon.address, "--output", "json").stdout)
                self.assertIn(vintage, json.dumps(listed))
                for options in (["import-reference", "--tables", place / "tables"], ["inspect"]):
                    refused = run("state", options[0], "--state", place / "state", *options[1:], check=False)
                    self.assertEqual(refused.returncode, 1)
                    self.assertIn(f"in use by process {daemon.process.pid}", refused.stderr)

    def test_wrong_tables_change_nothing(self):
        with Workplace() as place:
            write_lines(place / "in" / "a.ndjson", [contract(9001, "2024-01-10T11:00:00", JANUARY_2024_MS)])
            replay(place / "in", place / "state")
            before = inspect(place / "state")
            table(place / "tables", "population.csv", "0301,2027,740000")
            table(place / "tables", "fylker.csv", "46,Vestland,Vestland,2025-01-01,")
            refused = import_tables(place / "state", place / "tables", check=False)
            self.assertEqual(refused.returncode, 1)
            self.assertRegex(refused.stderr, r"^flosync: fylker\.csv, line 35: 46 is valid on 2025-01-01 by line \d+ too; ")
            self.assertEqual(inspect(place / "state"), before)

    def test_check_only_changes_nothing(self):
        with Workplace() as place:
            write_lines(place / "in" / "a.ndjson", [contract(9001, "2024-01-10T11:00:00", JANUARY_2024_MS)])
            replay(place / "in", place / "state")
            before = inspect(place / "state")
            table(place / "tables", "population.csv", "0301,2027,740000")
            (place / "tables" / "populations.csv").write_text("")
            checked = import_tables(place / "state", place / "tables", "--check-only")
            self.assertIn("last_population_year 2027", " ".join(checked.stdout.split()))
            self.assertIn("nothing was changed", checked.stdout)
            self.assertIn("last_population_covers 1 of 357 municipalities", " ".join(checked.stdout.split()))
            self.assertIn("the latest earlier one counts", checked.stderr)
            self.assertIn("not used, for they are no reference tables: populations.csv", checked.stderr)
            self.assertEqual(inspect(place / "state"), before)

    def test_what_is_not_there_is_named(self):
        with Workplace() as place:
            for arguments, code, said in (
                    (["inspect", "--state", place / "none"], 1, "there is no state in"),
                    (["import-reference", "--state", place / "none", "--tables", place], 1, "has none of fylker.csv, "),
                    (["import-reference", "--state", place / "none"], 2, "--tables or --shipped"),
                    (["import-reference", "--tables", place], 2, "--state")):
                done = run("state", *arguments, check=False)
                self.assertEqual((done.returncode, said in done.stderr), (code, True), done.stderr)
            self.assertFalse((place / "none").exists())


if __name__ == "__main__":
    unittest.main()
