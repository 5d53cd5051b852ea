"""HTTP as its clients meet it: the same answers as over gRPC."""

import csv
import datetime
import hashlib
import io
import json
import re
import shlex
import subprocess
import time
import unittest

from google.protobuf import json_format
from openapi_spec_validator import validate

import security_testing as made
from flosync_testing import ROOT, Workplace, run
from http_testing import HTTP, connect, eventually, get, metrics, read_to_end
from security_testing import DOCTORS, Client, each_method
from security_testing import alert_service_pb2, deviation_service_pb2, doctor_service_pb2, indicator_service_pb2
from security_testing import patient_list_service_pb2, snapshot_service_pb2, sync_service_pb2
import grpc

ALL_TYPES = (alert_service_pb2, deviation_service_pb2, doctor_service_pb2, indicator_service_pb2, patient_list_service_pb2,
             snapshot_service_pb2, sync_service_pb2)


class OpenPlace:
    """An open daemon with three doctors, alerts, deviations and the snapshots up to today."""

    def __enter__(self):
        self.workplace = Workplace()
        directory = self.workplace.__enter__()
        self.daemon, lines = made.start_daemon(directory, made.write_config(directory / "flosync.toml"), *HTTP)
        self.http = self.daemon.http
        try:
            # The last there is to make, so that "latest" is the same all the time.
            month_ago = str(datetime.date.today() - datetime.timedelta(days=31))
            self.daemon.wait_until(lambda s: (s["latest_snapshot"] or {}).get("reference_date", "") > month_ago)
            eventually(lambda: self.get("/api/v1/alerts").json()["alerts"])
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.daemon.stop()
        self.workplace.__exit__()

    def get(self, path, **more):
        return get(self.http, path, **more)

    def grpc(self, method, **fields):
        """The answer of a unary method or of a whole stream, as HTTP would write it."""
        descriptor = next(m for m in each_method() if m.full_name.endswith("." + method))
        with grpc.insecure_channel(self.daemon.address, options=[("grpc.max_receive_message_length", -1)]) as channel:
            request = json_format.ParseDict(fields, made.message_class(descriptor.input_type)())
            answer = Client(channel).call(method, request)
            if descriptor.server_streaming:
                whole = made.message_class(descriptor.output_type)()
                for message in answer:
                    whole.MergeFrom(message)
                answer = whole
        return json_format.MessageToDict(answer, always_print_fields_with_no_presence=True)


class AnswersTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.place = OpenPlace().__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.place.__exit__()

    def get(self, path, **more):
        return self.place.get(path, **more)

    def test_every_route_gives_the_answer_of_its_method(self):
        doctor = DOCTORS[0]
        alert = self.get("/api/v1/alerts").json()["alerts"][0]["alertId"]
        deviation = self.get("/api/v1/deviations").json()["deviations"][0]["id"]
        explain = {"level": "LEVEL_NATION", "area_code": "NO", "measure": "list_count"}
        asked = [
            ("/api/v1/definitions", "IndicatorService.ListDefinitions", {}),
            ("/api/v1/indicators?page_size=10000", "IndicatorService.QueryIndicators", {"page_size": 10000}),
            ("/api/v1/indicators?filter.levels=LEVEL_NATION&filter.measures=gp_count&filter.measures=list_count",
             "IndicatorService.QueryIndicators", {"filter": {"levels": ["LEVEL_NATION"], "measures": ["gp_count", "list_count"]}}),
            ("/api/v1/indicators?reference_date=2024-03&filter.area_codes=0301&known_at=2024-04-01T00:00:00%2B02:00",
             "IndicatorService.QueryIndicators", {"reference_date": "2024-03", "filter": {"area_codes": ["0301"]},
                                                  "known_at": "2024-03-31T22:00:00Z"}),
            ("/api/v1/snapshots", "SnapshotService.ListSnapshots", {}),
            ("/api/v1/snapshots/2024-03-01", "SnapshotService.GetSnapshot", {"reference_date": "2024-03-01"}),
            ("/api/v1/snapshots/latest", "SnapshotService.GetSnapshot", {}),
            ("/api/v1/snapshots/2024-03-01/rows?edition=1", "SnapshotService.ReadSnapshot",
             {"reference_date": "2024-03-01", "edition": 1}),
            ("/api/v1/snapshots/latest/rows?for_public=true", "SnapshotService.ReadSnapshot", {"for_public": True}),
            ("/api/v1/snapshots/compare?before.reference_date=2024-02-01&after.reference_date=2026-01-01&filter.area_codes=NO",
             "SnapshotService.CompareSnapshots", {"before": {"reference_date": "2024-02-01"}, "after": {"reference_date": "2026-01-01"},
                                                  "filter": {"area_codes": ["NO"]}}),
            ("/api/v1/snapshots/2024-03-01/explain?level=LEVEL_NATION&area_code=NO&measure=list_count&snapshot.edition=1",
             "SnapshotService.ExplainFigure", {"snapshot": {"reference_date": "2024-03-01", "edition": 1}, **explain}),
            (f"/api/v1/doctors/{doctor}?as_of=2024-05-01", "DoctorService.GetDoctor", {"hpr_number": doctor, "as_of": "2024-05-01"}),
            (f"/api/v1/doctors/{doctor}/history", "DoctorService.GetDoctorHistory", {"hpr_number": doctor}),
            ("/api/v1/doctors?current_only=true", "DoctorService.ListDoctors", {"current_only": True}),
            ("/api/v1/patient-lists/900101", "PatientListService.GetPatientList", {"contract_id": 900101}),
            ("/api/v1/patient-lists?municipality=0301", "PatientListService.ListPatientLists", {"municipality": "0301"}),
            ("/api/v1/alerts?filter.statuses=ALERT_STATUS_OPEN", "AlertService.ListAlerts",
             {"filter": {"statuses": ["ALERT_STATUS_OPEN"]}}),
            (f"/api/v1/alerts/{alert}", "AlertService.GetAlert", {"alert_id": alert}),
            ("/api/v1/deviations", "DeviationService.ListDeviations", {}),
            (f"/api/v1/deviations/{deviation}", "DeviationService.GetDeviation", {"id": deviation}),
        ]
        for path, method, fields in asked:
            with self.subTest(path):
                answer = self.get(path)
                self.assertEqual(answer.status, 200, answer.body)
                self.assertEqual(answer.headers["Content-Type"], "application/json")
                said, expected = answer.json(), self.place.grpc(method, **fields)
                if "revision" in said:
                    # The clock may have made a commit between the two.
                    self.assertGreater(int(said["revision"]), 0)
                    said["revision"] = expected["revision"]
                self.assertEqual(said, expected)
        status = self.get("/api/v1/sync/status").json()
        self.assertEqual(status["records"], self.place.grpc("SyncService.GetSyncStatus")["records"])
        document = self.get("/api/v1/openapi.json").json()
        shapes = {re.sub(r"\{[^}]*\}", "[^/]+", path) for path in document["paths"]}
        reached = {shape for shape in shapes for path, *_ in asked if re.fullmatch(shape, path.split("?")[0])}
        self.assertEqual(shapes - reached, {"/api/v1/sync/status"}, "every route is asked above")

    def test_every_method_that_reads_has_a_route(self):
        document = self.get("/api/v1/openapi.json").json()
        offered = {operation["get"]["operationId"] for operation in document["paths"].values()}
        reading = {m.name for m in each_method() if re.match("(Get|List|Query|Read|Compare|Explain)[A-Z]", m.name)}
        self.assertEqual(reading - offered, set())
        self.assertEqual(offered - reading, set())

    def test_the_openapi_document_is_valid_and_explained(self):
        document = self.get("/api/v1/openapi.json").json()
        validate(document)
        self.assertTrue(document["openapi"].startswith("3.0"))
        for path, operation in document["paths"].items():
            self.assertTrue(operation["get"]["description"], path)
            for parameter in operation["get"]["parameters"]:
                if parameter["name"] not in ("page_token",):
                    self.assertIn("description", parameter, path)
        row = document["components"]["schemas"]["IndicatorRow"]["properties"]
        self.assertIn("Exact numerator", row["numerator"]["description"], "words of the API's own files")

    def test_csv_has_the_bytes_of_the_export_file(self):
        listed = self.get("/api/v1/snapshots").json()["snapshots"]
        for snapshot in (listed[0], listed[-1]):
            path = f"/api/v1/snapshots/{snapshot['referenceDate']}/rows?edition={snapshot['edition']}"
            answer = self.get(path, Accept="text/csv")
            self.assertEqual(answer.headers["Content-Type"], "text/csv; charset=utf-8")
            self.assertEqual(hashlib.sha256(answer.body).hexdigest(), snapshot["contentHash"])
            exported = run("snapshot", "export", "--reference-date", snapshot["referenceDate"], "--edition", snapshot["edition"],
                           "--address", self.place.daemon.address).stdout
            self.assertEqual(answer.body.decode(), exported)
            public = run("snapshot", "export", "--reference-date", snapshot["referenceDate"], "--public",
                         "--address", self.place.daemon.address).stdout
            self.assertEqual(self.get(path + "&for_public=true", Accept="text/csv").body.decode(), public)

    def test_csv_of_figures_has_the_columns_of_exports(self):
        figures = self.get("/api/v1/indicators?filter.levels=LEVEL_NATION", Accept="text/csv").body.decode()
        self.assertEqual(figures, run("indicators", "--level", "nation", "--output", "csv", "--address",
                                      self.place.daemon.address).stdout)
        past = self.get("/api/v1/indicators?filter.levels=LEVEL_NATION&reference_date=2024-03-01", Accept="text/csv").body.decode()
        self.assertEqual({row["reference_date"] for row in csv.DictReader(io.StringIO(past))}, {"2024-03-01"})

    def test_accept_chooses(self):
        path = "/api/v1/snapshots/2024-03-01/rows"
        for accept, expected in [("", "application/json"), ("*/*", "application/json"), ("text/*", "text/csv; charset=utf-8"),
                                 ("text/csv, application/json;q=0.5", "text/csv; charset=utf-8"),
                                 ("text/csv;q=0.2, application/json", "application/json"),
                                 ("text/csv;q=0, */*", "application/json")]:
            with self.subTest(accept):
                answer = self.get(path, Accept=accept)
                self.assertEqual((answer.status, answer.headers["Content-Type"]), (200, expected))
                self.assertEqual(answer.headers["Vary"], "Accept")
        for path, accept in [(path, "image/png"), ("/api/v1/definitions", "text/csv")]:
            refused = self.get(path, Accept=accept)
            self.assertEqual((refused.status, refused.reason()), (406, "TYPE_NOT_OFFERED"))

    def test_snapshots_carry_their_hash_as_entity_tag(self):
        snapshot = self.get("/api/v1/snapshots/2024-03-01").json()["snapshot"]
        path = "/api/v1/snapshots/2024-03-01/rows"
        as_csv = self.get(path, Accept="text/csv")
        self.assertEqual(as_csv.headers["ETag"], f'"{snapshot["contentHash"]}"')
        tags = {as_csv.headers["ETag"]}
        for asked, accept in [(path, "*/*"), (path + "?for_public=true", "*/*"), (path + "?for_public=true", "text/csv"),
                              ("/api/v1/snapshots/2024-03-01", "*/*")]:
            answer = self.get(asked, Accept=accept)
            tag = answer.headers["ETag"]
            self.assertIn(snapshot["contentHash"], tag)
            tags.add(tag)
            for named in (tag, f'"x", W/{tag}', "*"):
                unchanged = self.get(asked, Accept=accept, If_None_Match=named)
                self.assertEqual((unchanged.status, unchanged.body, unchanged.headers["ETag"]), (304, b"", tag))
            self.assertEqual(self.get(asked, Accept=accept, If_None_Match='"x"').body, answer.body)
        self.assertEqual(len(tags), 5, "one for each form")
        for asked in (path, path + "?edition=1"):
            self.assertEqual(self.get(asked).headers["Cache-Control"], "private, no-cache", "it may be withdrawn")
        for live in ("/api/v1/indicators", f"/api/v1/doctors/{DOCTORS[0]}"):
            self.assertEqual(self.get(live).headers["Cache-Control"], "no-store")
            self.assertNotIn("ETag", self.get(live).headers)

    def test_who_has_kept_an_edition_learns_that_it_is_withdrawn(self):
        asked = [("/api/v1/snapshots/2024-07-01?edition=1", "*/*"), ("/api/v1/snapshots/2024-07-01/rows?edition=1", "text/csv")]
        kept = [self.get(path, Accept=accept) for path, accept in asked]
        self.place.grpc("SnapshotService.WithdrawSnapshot", reference_date="2024-07-01", edition=1, by="FLO", reason="a bad load")
        for (path, accept), before in zip(asked, kept):
            self.assertNotIn("Flosync-Withdrawn", before.headers)
            now = self.get(path, Accept=accept, If_None_Match=before.headers["ETag"])
            self.assertEqual(now.status, 200, "not what was kept")
            self.assertRegex(now.headers["Flosync-Withdrawn"], r"^20\d\d-\d\d-\d\dT[\d:.]+Z$")
            again = self.get(path, Accept=accept, If_None_Match=now.headers["ETag"])
            self.assertEqual((again.status, again.headers["Flosync-Withdrawn"]), (304, now.headers["Flosync-Withdrawn"]))
        self.assertEqual(self.get(asked[1][0], Accept="text/csv").body, kept[1].body, "its bytes are what they were")

    def test_a_read_mask_leaves_what_it_names_and_tells_no_untruth(self):
        doctor = f"/api/v1/doctors/{DOCTORS[0]}"
        whole, masked = (self.get(doctor + query).json() for query in ("", "?read_mask=death_date,hpr_record.known_from,contracts,hpr_updated"))
        whole["doctor"] = {name: whole["doctor"][name] for name in ("contracts", "deathDate", "hprRecord", "hprUpdated")}
        whole["doctor"]["hprRecord"] = {"knownFrom": whole["doctor"]["hprRecord"]["knownFrom"]}
        whole["revision"] = masked["revision"]
        whole["referenceInstant"] = masked["referenceInstant"]
        self.assertEqual(masked, whole)
        self.assertEqual(masked["doctor"]["deathDate"], "", "that there is none is said; what was not asked for is not there")
        for path, resources in [("/api/v1/indicators?filter.levels=LEVEL_COUNTY", "rows"), ("/api/v1/snapshots/2024-03-01/rows", "rows"),
                                ("/api/v1/snapshots/2024-03-01/rows?for_public=true", "rows")]:
            with self.subTest(path):
                answers = [self.get(path + ("&" if "?" in path else "?") + more).json() for more in ("", "read_mask=value,area.code,numerator")]
                whole, masked = (answer.pop(resources) for answer in answers)
                expected = [{"area": {"code": row["area"]["code"]}, **{n: row[n] for n in ("numerator", "value") if n in row}} for row in whole]
                self.assertEqual(masked, expected)
                self.assertTrue({1, 2, 3} >= {len(row) for row in masked})
                for answer in answers:
                    answer.pop("revision", None)
                self.assertEqual(*answers)
        for path, resources, field in [("doctors", "doctors", "hpr_number"), ("patient-lists", "patientLists", "municipality_today"),
                                       ("alerts", "alerts", "kind"), ("deviations", "deviations", "first_seen"),
                                       ("snapshots", "snapshots", "edition")]:
            with self.subTest(path):
                whole, masked = (self.get(f"/api/v1/{path}?page_size=2{more}").json()[resources] for more in ("", f"&read_mask={field}"))
                name = re.sub("_(.)", lambda m: m.group(1).upper(), field)
                self.assertEqual(masked, [{name: one[name]} if name in one else {} for one in whole])
        part_of_an_instant = self.get("/api/v1/deviations?page_size=1&read_mask=first_seen.seconds").json()["deviations"]
        self.assertRegex(part_of_an_instant[0]["firstSeen"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$", "an instant is one text")

    def test_over_http_a_read_mask_is_gRPCs(self):
        answer = self.get("/api/v1/patient-lists?read_mask=contract_id,patients").json()
        over_grpc = self.place.grpc("PatientListService.ListPatientLists", read_mask="contractId,patients")
        self.assertEqual([(one["contractId"], one["patients"]) for one in over_grpc["patientLists"] if "patients" in one],
                         [(one["contractId"], one["patients"]) for one in answer["patientLists"] if "patients" in one])
        self.assertEqual({one["municipality"] for one in over_grpc["patientLists"]}, {""}, "it was trimmed there, too")
        for path, mask in [("/api/v1/doctors", "peter"), ("/api/v1/doctors", "contracts.period"), ("/api/v1/indicators", "rows"),
                           ("/api/v1/snapshots/latest/rows", "snapshot"), ("/api/v1/alerts", ",".join(["kind"] * 101))]:
            refused = self.get(f"{path}?read_mask={mask}")
            self.assertEqual((refused.status, refused.reason()), (400, "INVALID_FIELD"))
            self.assertEqual(refused.json()["details"][1]["fieldViolations"][0]["field"], "read_mask")
            self.assertNotIn("peter", refused.json()["message"])
        self.assertEqual(self.get("/api/v1/alerts/1?read_mask=kind").reason(), "PARAMETER_UNKNOWN", "there is little to leave out")
        as_csv = self.get("/api/v1/indicators?read_mask=value", Accept="text/csv")
        self.assertEqual((as_csv.status, as_csv.reason()), (400, "INVALID_FIELD"))
        parameters = self.get("/api/v1/openapi.json").json()["paths"]["/api/v1/doctors"]["get"]["parameters"]
        mask = next(p for p in parameters if p["name"] == "read_mask")
        self.assertEqual((mask["explode"], mask["schema"]), (False, {"type": "array", "items": {"type": "string"}}))
        self.assertIn('"specialist"', mask["description"])

    def test_pages_go_on_with_their_mask_and_tags_tell_masks_apart(self):
        path, seen = "/api/v1/doctors?page_size=2&read_mask=specialist,hpr_number", []
        while path:
            answer = self.get(path)
            seen += answer.json()["doctors"]
            path = (answer.headers.get("Link") or "<>").split(">")[0][1:]
        self.assertEqual(seen, [{name: doctor[name] for name in ("hprNumber", "specialist")}
                                for doctor in self.get("/api/v1/doctors").json()["doctors"]])
        self.assertGreater(len(seen), 2)
        rows = "/api/v1/snapshots/2024-03-01/rows"
        tag = lambda mask: self.get(f"{rows}?read_mask={mask}").headers["ETag"]
        self.assertEqual(len({self.get(rows).headers["ETag"], tag("value"), tag("measure"), tag("value,measure")}), 4)
        self.assertEqual(tag("value,measure"), tag("measure,value,value"))
        self.assertEqual(tag(""), self.get(rows).headers["ETag"])
        self.assertEqual(self.get(f"{rows}?read_mask=value", If_None_Match=tag("value")).status, 304)
        self.assertEqual(self.get(f"{rows}?read_mask=measure", If_None_Match=tag("value")).status, 200)

    def test_pages_follow_one_another_by_link_and_by_token(self):
        whole = self.get("/api/v1/snapshots").json()["snapshots"]
        self.assertGreater(len(whole), 20)
        path, seen = "/api/v1/snapshots?page_size=7", []
        while path:
            answer = self.get(path)
            seen += answer.json()["snapshots"]
            self.assertLessEqual(len(answer.json()["snapshots"]), 7)
            link = answer.headers.get("Link")
            token = answer.json()["nextPageToken"]
            self.assertEqual(bool(link), bool(token))
            path = link and re.fullmatch('<(/api/v1/snapshots\\?.*)>; rel="next"', link).group(1)
        self.assertEqual(seen, whole)
        token = self.get("/api/v1/snapshots?page_size=7").json()["nextPageToken"]
        self.assertEqual(self.get(f"/api/v1/snapshots?page_size=7&page_token={token}").json()["snapshots"], whole[7:14])
        figures, path = "", "/api/v1/indicators?page_size=500&filter.levels=LEVEL_NATION&filter.levels=LEVEL_COUNTY"
        while path:
            answer = self.get(path, Accept="text/csv")
            figures += answer.body.decode() if not figures else answer.body.decode().split("\n", 1)[1]
            path = (answer.headers.get("Link") or "<>").split(">")[0][1:]
        self.assertEqual(figures, run("indicators", "--level", "nation,county", "--output", "csv", "--address",
                                      self.place.daemon.address).stdout)

    def test_refusals_are_google_rpc_status_as_json(self):
        for path, status, code, reason in [
                ("/api/v1/snapshots?colour=red", 400, 3, "PARAMETER_UNKNOWN"),
                ("/api/v1/sync/status?verbose=1", 400, 3, "PARAMETER_UNKNOWN"),
                ("/api/v1/snapshots?page_size=many", 400, 3, "INVALID_FIELD"),
                ("/api/v1/snapshots?page_size=1&page_size=2", 400, 3, "INVALID_FIELD"),
                ("/api/v1/snapshots/2024-03-01?reference_date=2024-02-01", 400, 3, "INVALID_FIELD"),
                ("/api/v1/snapshots?page_size=99999999999", 400, 3, "INVALID_FIELD"),
                ("/api/v1/snapshots?page_token=x", 400, 3, "PAGE_TOKEN_INVALID"),
                ("/api/v1/indicators?filter.levels=NATION", 400, 3, "INVALID_FIELD"),
                ("/api/v1/indicators?reference_date=2024-03-01&known_at=yesterday", 400, 3, "INVALID_FIELD"),
                ("/api/v1/patient-lists?unstaffed_only=yes", 400, 3, "INVALID_FIELD"),
                ("/api/v1/doctors/peter", 400, 3, "INVALID_FIELD"),
                ("/api/v1/doctors/999000177", 404, 5, "DOCTOR_NOT_KNOWN"),
                ("/api/v1/snapshots/2023-01-01", 404, 5, "SNAPSHOT_NOT_FOUND"),
                ("/api/v1/snapshots/2024-03-01/rows?edition=7", 404, 5, "SNAPSHOT_NOT_FOUND"),
                ("/api/v1/snapshots/1500-01-01", 400, 11, "DATE_OUT_OF_RANGE"),
                ("/api/v1/nothing", 404, 5, "ROUTE_NOT_FOUND")]:
            with self.subTest(path):
                answer = self.get(path)
                self.assertEqual((answer.status, answer.json()["code"], answer.reason()), (status, code, reason), answer.body)
                self.assertEqual(answer.headers["Content-Type"], "application/json")
                self.assertTrue(answer.json()["message"])
        unknown = self.get("/api/v1/snapshots?colour=red").json()
        violation = unknown["details"][1]
        self.assertEqual(violation["@type"], "type.googleapis.com/google.rpc.BadRequest")
        self.assertEqual(violation["fieldViolations"][0]["field"], "colour")
        self.assertIn("page_size, page_token", violation["fieldViolations"][0]["description"], "what there is instead")
        bounds = self.get("/api/v1/snapshots/1500-01-01").json()["details"][0]["metadata"]
        self.assertLess(bounds["first"], bounds["last"])

    def test_head_has_the_header_and_no_body(self):
        for path in ("/healthz", "/api/v1/snapshots/2024-03-01/rows", "/nothing"):
            whole, head = self.get(path), self.get(path, method="HEAD")
            self.assertEqual((head.status, head.body), (whole.status, b""))
            self.assertEqual(head.headers["Content-Length"], str(len(whole.body)))

    def test_a_connection_takes_one_request_after_another(self):
        with connect(self.place.http) as connection:
            request = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n%s\r\n"
            connection.sendall(request % b"" * 2 + request % b"Connection: close\r\n")
            self.assertEqual(read_to_end(connection).count(b"alive\n"), 3, "also when they come at once")

    def test_metrics_tell_what_the_status_tells(self):
        answer = self.get("/metrics")
        self.assertEqual(answer.headers["Content-Type"], "text/plain; version=0.0.4; charset=utf-8")
        told = metrics(answer.body.decode())
        status = self.place.daemon.status()
        for outcome in ("applied", "duplicate", "older", "conflicting", "refused", "ignored", "skipped"):
            self.assertEqual(told[f'flosync_records_total{{outcome="{outcome}"}}'], status["records"][outcome])
        for source in status["sources"]:
            labels = f'{{topic="{source["topic"]}",partition="{source["partition"]}"}}'
            self.assertEqual(told["flosync_source_position" + labels], source["position"])
            self.assertIn("flosync_source_age_seconds" + labels, told)
        for count in status["deviations"]:
            self.assertEqual(told[f'flosync_deviations_open{{code="{count["code"]}"}}'], count["count"])
        alerts = self.get("/api/v1/alerts?page_size=1000&filter.statuses=ALERT_STATUS_OPEN").json()["alerts"]
        self.assertEqual(sum(v for k, v in told.items() if k.startswith("flosync_alerts_open{")), len(alerts))
        self.assertEqual(told["flosync_ready"], 1)
        self.assertGreater(told["flosync_revision"], 0)
        self.assertGreaterEqual(told["flosync_feed_oldest_revision"], 1)
        self.assertEqual(told["flosync_commit_duration_seconds_count"], told['flosync_commit_duration_seconds_bucket{le="+Inf"}'])
        self.assertGreater(told["flosync_commit_duration_seconds_sum"], 0)
        self.assertAlmostEqual(told["process_start_time_seconds"], time.time(), delta=600)
        self.assertGreater(told['flosync_grpc_requests_total{code="OK",method="flosync.v1.SyncService/GetSyncStatus"}'], 0)
        self.get("/api/v1/nothing")
        self.get(f"/api/v1/doctors/{DOCTORS[1]}")
        again = self.get("/metrics").body.decode()
        self.assertIn('flosync_http_requests_total{code="200",route="/api/v1/doctors/{hpr_number}"}', again)
        self.assertGreater(metrics(again)['flosync_http_requests_total{code="404",route="none"}'], 0)
        for doctor in DOCTORS:
            self.assertNotIn(str(doctor), again)
        documented = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
        for name in re.findall(r"^# TYPE (\S+)", again, re.MULTILINE):
            self.assertIn(f"`{name}`", documented, "every metric is explained")

    def test_the_curl_of_the_readme_works(self):
        readme = (ROOT / "README.md").read_text(encoding="utf-8")
        command = next(line.strip() for line in readme.splitlines() if line.strip().startswith("curl "))
        words = shlex.split(command.replace("127.0.0.1:7480", self.place.http))
        done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=30)
        self.assertEqual(json.loads(done.stdout)["rows"][0]["measure"], "gp_specialist_share")


if __name__ == "__main__":
    unittest.main()
