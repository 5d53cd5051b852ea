"""HTTP as its clients meet it: the same answers as over gRPC, and nothing that holds it up or lets anything out."""

import csv
import datetime
import hashlib
import io
import json
import pathlib
import re
import shlex
import shutil
import ssl
import subprocess
import time
import unittest
import warnings

from google.protobuf import json_format
from openapi_spec_validator import validate

import security_testing as made
from flosync_testing import ROOT, Daemon, Workplace, read_so_many, run, small_register, write_lines
from http_testing import bearer, connect, eventually, get, metrics, read_to_end, send_raw, status_of, tls_context
from security_testing import DOCTORS, Client, each_method
from security_testing import alert_service_pb2, deviation_service_pb2, doctor_service_pb2, indicator_service_pb2
from security_testing import patient_list_service_pb2, snapshot_service_pb2, sync_service_pb2
from test_security import NIN, Place
import grpc

HTTP = ("--http", "127.0.0.1:0")
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


class AttacksTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.workplace = Workplace()
        directory = cls.workplace.__enter__()
        cls.daemon, lines = made.start_daemon(directory, made.write_config(directory / "flosync.toml"), *HTTP)
        cls.daemon.wait_until(read_so_many(len(lines)))

    @classmethod
    def tearDownClass(cls):
        cls.daemon.stop()
        cls.workplace.__exit__()

    def check_alive(self):
        self.assertEqual(get(self.daemon.http, "/healthz", timeout=5).status, 200)

    def test_bad_targets_and_requests_are_refused(self):
        line = lambda target: b"GET " + target + b" HTTP/1.1\r\nHost: localhost\r\n\r\n"
        attacks = [
            ("dots", line(b"/api/v1/../../etc/passwd"), 404), ("escaped dots", line(b"/%2e%2e/%2e%2e/etc/passwd"), 404),
            ("dot segment", line(b"/api/./v1/alerts"), 404), ("two slashes", line(b"//healthz"), 404),
            ("slash at the end", line(b"/healthz/"), 404), ("escaped slash", line(b"/api%2Fv1%2Falerts"), 400),
            ("backslashes", line(b"/..\\..\\etc\\passwd"), 404), ("NUL, escaped", line(b"/healthz%00"), 400),
            ("line feed, escaped", line(b"/healthz%0d%0aX:%20y"), 400), ("not UTF-8", line(b"/%c0%ae%c0%ae/"), 400),
            ("not UTF-8 in a parameter", line(b"/api/v1/snapshots?page_token=%ff"), 400),
            ("broken escape", line(b"/healthz%2"), 400), ("fragment", line(b"/healthz#x"), 400),
            ("another host", line(b"http://127.0.0.1/healthz"), 400), ("asterisk", line(b"*"), 400),
            ("NUL", line(b"/heal\0thz"), 400), ("no target", b"GET HTTP/1.1\r\n\r\n", 400),
            ("not HTTP", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
            ("HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
            ("folded header", b"GET /healthz HTTP/1.1\r\nA: b\r\n c\r\nBad Name: x\r\n\r\n", 400),
            ("two lengths", b"GET /healthz HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx", 400),
            ("length and chunks", b"GET /healthz HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
            ("100 kB target", line(b"/" + b"a" * 100_000), 431),
            ("100 kB header", b"GET /healthz HTTP/1.1\r\nX: " + b"a" * 100_000 + b"\r\n\r\n", 431),
            ("many headers", b"GET /healthz HTTP/1.1\r\n" + b"X: y\r\n" * 20_000 + b"\r\n", 431),
            ("post", b"POST /api/v1/alerts HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}", 405),
            ("delete", b"DELETE /api/v1/alerts/1 HTTP/1.1\r\nHost: localhost\r\n\r\n", 405),
            ("connect", b"CONNECT example.org:443 HTTP/1.1\r\nHost: localhost\r\n\r\n", 405),
            ("made-up method", b"FROBNICATE / HTTP/1.1\r\nHost: localhost\r\n\r\n", 405),
            ("body", b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}", 413),
            ("chunked body", b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", 400),
            *((f"transfer encoding {coding}", b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: " + coding.encode() +
               b"\r\n\r\n" + line(b"/readyz"), 400) for coding in ("gzip", "identity", "xchunked", "chunked, identity")),
            ("no host", b"GET /healthz HTTP/1.1\r\n\r\n", 400),
            ("two hosts", b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n", 400),
            ("two hosts in HTTP/1.0", b"GET /healthz HTTP/1.0\r\nHost: localhost\r\nHost: a\r\n\r\n", 400),
            ("100 MB announced", b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000000\r\n\r\n", 413),
            ("another name", b"GET /api/v1/alerts HTTP/1.1\r\nHost: attacker.example\r\n\r\n", 421),
            ("a name that begins alike", b"GET /api/v1/alerts HTTP/1.1\r\nHost: 127.0.0.1.attacker.example:80\r\n\r\n", 421),
        ]
        for name, data, status in attacks:
            with self.subTest(name):
                with connect(self.daemon.http) as connection:
                    try:
                        connection.sendall(data)
                        connection.shutdown(1)
                    except OSError:
                        pass  # refused before it was all sent
                    received = read_to_end(connection)
                self.assertEqual(status_of(received), status, received[:200])
                self.assertEqual(received.count(b"HTTP/1.1 "), 1, "nothing behind it is taken for another request")
                body = json.loads(received.split(b"\r\n\r\n", 1)[1])
                self.assertTrue(body["details"][0]["reason"])
                self.check_alive()

    def test_100_mb_sent_are_not_kept(self):
        before = self.memory_kib()
        with connect(self.daemon.http) as connection:
            connection.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000000\r\n\r\n")
            try:
                for _ in range(100):
                    connection.sendall(b"x" * 1_000_000)
            except OSError:
                pass  # cut off, as it should be
            read_to_end(connection)
        self.assertLess(self.memory_kib() - before, 30_000)
        self.check_alive()

    def memory_kib(self):
        status = pathlib.Path(f"/proc/{self.daemon.process.pid}/status").read_text(encoding="ascii")
        return int(re.search(r"VmRSS:\s+(\d+)", status).group(1))

    def test_slow_clients_hold_up_nobody_but_themselves(self):
        slow = [connect(self.daemon.http) for _ in range(64)]
        started = time.monotonic()
        try:
            for connection in slow:
                connection.sendall(b"GET /healthz HTTP/1.1\r\nX-Slow: ")
            while time.monotonic() - started < 8:
                for connection in slow:
                    connection.sendall(b"a")
                begun = time.monotonic()
                self.assertEqual(get(self.daemon.http, "/api/v1/sync/status", timeout=5).status, 200)
                self.assertLess(time.monotonic() - begun, 3)
                time.sleep(1)
            answers = [status_of(read_to_end(connection)) for connection in slow]
            self.assertLess(time.monotonic() - started, 40, "the whole request has a deadline, whatever drips in")
            self.assertEqual(set(answers), {408})
        finally:
            for connection in slow:
                connection.close()

    def test_more_connections_than_may_be_do_not_lock_others_out(self):
        silent = []
        try:
            for _ in range(400):
                silent.append(connect(self.daemon.http))
            self.check_alive()
            for connection in silent[:50]:
                self.assertEqual(read_to_end(connection), b"", "the longest waiting went first")
        finally:
            for connection in silent:
                connection.close()
        self.check_alive()

    def test_nothing_asked_or_answered_is_logged(self):
        for doctor in DOCTORS:
            self.assertEqual(get(self.daemon.http, f"/api/v1/doctors/{doctor}", Flosync_Purpose="secret purpose").status, 200)
            get(self.daemon.http, f"/api/v1/doctors/{doctor}x?{NIN}=1")
        said = self.daemon.stderr()
        for secret in (*map(str, DOCTORS), NIN, "secret purpose"):
            self.assertNotIn(secret, said)


class CallersTest(unittest.TestCase):
    def test_health_is_open_and_says_when_it_is_not_ready(self):
        with Workplace() as place:
            with Daemon(place / "state", "--brokers", "127.0.0.1:1", *HTTP) as daemon:
                self.assertEqual(get(daemon.http, "/healthz").body, b"alive\n")
                self.assertEqual(get(daemon.http, "/readyz").status, 503)
                self.assertEqual(metrics(get(daemon.http, "/metrics").body.decode())["flosync_ready"], 0)
                refused = get(daemon.http, "/api/v1/indicators")
                self.assertEqual((refused.status, refused.reason(), refused.headers["Retry-After"]), (503, "NOT_READY", "1"))

    def test_callers_are_asked_who_they_are(self):
        with Workplace() as directory, Place(directory) as place:
            place.await_register()
            context = tls_context(place.authority)
            ask = lambda path, **headers: get(place.daemon.http, path, context, **headers)
            for path in ("/healthz", "/readyz", "/metrics", "/api/v1/openapi.json"):
                self.assertEqual(ask(path).status, 200, path)
            alerts = "/api/v1/alerts"
            doctor = f"/api/v1/doctors/{DOCTORS[0]}"
            lists = place.issuer.token(["flosync:lists.read"])
            full = place.issuer.token()
            for name, path, headers, status, reason in [
                    ("nobody", alerts, {}, 401, "CREDENTIALS_MISSING"),
                    ("nobody, a doctor", doctor, {}, 401, "CREDENTIALS_MISSING"),
                    ("nonsense", alerts, bearer("nonsense"), 401, "TOKEN_INVALID"),
                    ("expired", alerts, bearer(place.issuer.token(exp=int(time.time()) - 1)), 401, "TOKEN_EXPIRED"),
                    ("another scheme", alerts, {"Authorization": "Basic eDp5"}, 401, "CREDENTIALS_MISSING"),
                    ("two tokens", alerts, {"Authorization": [f"Bearer {full}", f"Bearer {lists}"]}, 400, "METADATA_INVALID"),
                    ("no such scope", "/api/v1/definitions", bearer(lists), 403, "SCOPE_MISSING"),
                    ("no doctors", doctor, bearer(lists, Flosync_Purpose="test"), 403, "SCOPE_MISSING"),
                    ("no purpose", doctor, bearer(full), 400, "PURPOSE_MISSING"),
                    ("a number as purpose", doctor, bearer(full, Flosync_Purpose=NIN), 400, "METADATA_INVALID"),
                    ("bytes as purpose", doctor, bearer(full, Flosync_Purpose=b"\xe5"), 400, "METADATA_INVALID")]:
                with self.subTest(name):
                    refused = ask(path, **headers)
                    self.assertEqual((refused.status, refused.reason()), (status, reason), refused.body)
                    self.assertEqual("WWW-Authenticate" in refused.headers, status == 401)
                    self.assertNotIn(str(DOCTORS[0]).encode(), refused.body)
                    time.sleep(0.12)  # bad attempts of one address are bounded
            self.assertTrue(all(not a["hprNumbers"] for a in ask(alerts, **bearer(lists)).json()["alerts"]))
            named = lambda token, **more: [one["regularGps"] for one in ask("/api/v1/patient-lists?read_mask=regular_gps",
                                                                            **bearer(token, **more)).json()["patientLists"]]
            self.assertFalse(any(named(lists)), "a mask brings nothing that its caller may not see")
            self.assertTrue(any(named(full, Flosync_Purpose="case 16")))
            self.assertEqual(place.access_log()[-1]["purpose"], "case 16")
            ask(doctor + "?read_mask=specialist", **bearer(full, Flosync_Purpose="case 16b"))
            self.assertEqual((place.access_log()[-1]["purpose"], place.access_log()[-1]["doctors"]), ("case 16b", [DOCTORS[0]]))
            refused = ask(doctor + "?read_mask=no_such_field", **bearer(lists, Flosync_Purpose="test"))
            self.assertEqual((refused.status, refused.reason()), (403, "SCOPE_MISSING"), "who asks comes first")
            before = len(place.access_log())
            answer = ask(doctor, **bearer(full, Flosync_Purpose="case 17", X_Correlation_Id="abc-1"))
            self.assertEqual(answer.json()["doctor"]["hprNumber"], DOCTORS[0])
            entry = place.access_log()[-1]
            self.assertEqual(len(place.access_log()), before + 1)
            self.assertEqual((entry["address"], entry["purpose"], entry["correlation_id"]), ("ipv4:127.0.0.1", "case 17", "abc-1"))
            self.assertEqual(entry["who"], "report-service")

    def test_bad_attempts_over_http_are_bounded_by_address(self):
        with Workplace() as directory, Place(directory, plain=True) as place:
            place.await_register()
            reasons = [get(place.daemon.http, "/api/v1/alerts", **bearer("x")).reason() for _ in range(30)]
            self.assertEqual(set(reasons), {"TOKEN_INVALID", "TOO_MANY_CALLS"})

    def test_what_http_says_of_its_callers_is_not_believed_of_others(self):
        with Workplace() as directory:
            name = "URI:spiffe://example.no/report"
            with Place(directory, client_certificates="optional", clients={name: "974760673 flosync:doctors.read"}) as place:
                place.await_register()
                certificate, _ = place.authority.issue("report", name)
                forged = [("flosync-http-key", "0" * 64), ("flosync-http-address", "ipv4:192.0.2.99"),
                          ("flosync-http-certificate-bin", certificate.read_bytes())]
                request = doctor_service_pb2.GetDoctorRequest(hpr_number=DOCTORS[0])
                refused = place.client(purpose="test").refusal("DoctorService.GetDoctor", request, forged)
                self.assertEqual(refused[:2], ("UNAUTHENTICATED", "CREDENTIALS_MISSING"))
                place.client(place.issuer.token(), "test").call("DoctorService.GetDoctor", request, forged)
                self.assertEqual(place.access_log()[-1]["address"], "ipv4:127.0.0.1")
                over_http = get(place.daemon.http, f"/api/v1/doctors/{DOCTORS[0]}", tls_context(place.authority), Flosync_Purpose="test",
                                Flosync_Http_Key="0" * 64, Flosync_Http_Address="ipv4:192.0.2.99", Flosync_Http_Certificate_Bin="eA==")
                self.assertEqual((over_http.status, over_http.reason()), (401, "CREDENTIALS_MISSING"))

    def test_client_certificates_count_and_are_asked_for(self):
        with Workplace() as directory:
            name = "URI:spiffe://example.no/report"
            with Place(directory, client_certificates="required", clients={name: "974760673 flosync:lists.read"},
                       tokens=False) as place:
                known = place.authority.issue("report", name)
                unknown = place.authority.issue("other", "URI:spiffe://example.no/other")
                answer = eventually(lambda: get(place.daemon.http, "/api/v1/patient-lists",
                                                tls_context(place.authority, *known)).json().get("patientLists"))
                self.assertTrue(answer)
                refused = get(place.daemon.http, "/api/v1/patient-lists", tls_context(place.authority, *unknown))
                self.assertEqual((refused.status, refused.reason()), (401, "CLIENT_UNKNOWN"))
                with self.assertRaises((ssl.SSLError, ConnectionError)):
                    get(place.daemon.http, "/healthz", tls_context(place.authority))
                foreign = made.Authority(directory / "foreign").issue("report", name)
                with self.assertRaises((ssl.SSLError, ConnectionError)):
                    get(place.daemon.http, "/healthz", tls_context(place.authority, *foreign))
                self.assertEqual(get(place.daemon.http, "/healthz", tls_context(place.authority, *known)).status, 200)

    def test_a_new_certificate_is_taken_without_a_restart_and_old_tls_is_not(self):
        with Workplace() as directory, Place(directory) as place:
            context = tls_context(place.authority)
            self.assertEqual(get(place.daemon.http, "/healthz", context).status, 200)
            certificate, key = place.authority.issue("server2", "DNS:renewed.example,IP:127.0.0.1")
            shutil.copy(key, directory / "ca" / "server.key")
            shutil.copy(certificate, directory / "ca" / "server.pem")

            def names():
                with connect(place.daemon.http) as plain, context.wrap_socket(plain, server_hostname="127.0.0.1") as connection:
                    return connection.getpeercert()["subjectAltName"]

            eventually(lambda: ("DNS", "renewed.example") in names())
            (directory / "ca" / "server.key").write_text("no key", encoding="ascii")
            time.sleep(2)
            self.assertIn(("DNS", "renewed.example"), names(), "files that do not fit change nothing")
            old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
            old.set_ciphers("ALL:@SECLEVEL=0")
            with warnings.catch_warnings(action="ignore"):
                old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
            with connect(place.daemon.http) as plain, self.assertRaises((ssl.SSLError, ConnectionError)):
                old.wrap_socket(plain)
            self.assertEqual(status_of(send_raw(place.daemon.http, b"GET /healthz HTTP/1.1\r\n\r\n")), None, "no plain text on TLS")

    def test_other_addresses_need_tls_and_names(self):
        with Workplace() as place:
            write_lines(place / "in" / "a.ndjson", small_register())
            for address in ("0.0.0.0:0", "[::]:0", "192.0.2.1:0"):
                done = run("serve", "--state", place / "state", "--input", place / "in", "--listen", "127.0.0.1:0", "--http", address,
                           check=False)
                self.assertEqual(done.returncode, 1)
                self.assertIn("TLS", done.stderr)
            done = run("serve", "--state", place / "state", "--input", place / "in", "--http", "nowhere", check=False)
            self.assertEqual(done.returncode, 2)

    def test_http_is_off_unless_asked_for_and_its_port_is_its_own(self):
        with Workplace() as place:
            write_lines(place / "in" / "a.ndjson", small_register())
            with Daemon(place / "state", "--input", place / "in") as daemon:
                self.assertEqual(daemon.http, "off")
                done = run("serve", "--state", place / "other", "--input", place / "in", "--listen", "127.0.0.1:0", "--http",
                           daemon.address, check=False)
                self.assertEqual(done.returncode, 1)
                self.assertIn(daemon.address, done.stderr)

    def test_the_daemon_stops_in_good_order_with_clients_connected(self):
        with Workplace() as place:
            write_lines(place / "in" / "a.ndjson", small_register())
            with Daemon(place / "state", "--input", place / "in", *HTTP) as daemon:
                daemon.wait_until(read_so_many(12))
                with connect(daemon.http) as idle, connect(daemon.http) as slow:
                    slow.sendall(b"GET /healthz")
                    self.assertEqual(get(daemon.http, "/healthz").status, 200)
                    begun = time.monotonic()
                    self.assertEqual(daemon.stop(), 0)
                    self.assertLess(time.monotonic() - begun, 10)
                    self.assertEqual(read_to_end(idle), b"")


if __name__ == "__main__":
    unittest.main()
