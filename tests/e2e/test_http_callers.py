"""HTTP against those who should not be let in, and who would hold it up: attacks, callers, certificates."""

import json
import pathlib
import re
import shutil
import ssl
import time
import unittest
import warnings

import security_testing as made
from flosync_testing import Daemon, Workplace, read_so_many, run, small_register, write_lines
from http_testing import HTTP, bearer, connect, eventually, get, metrics, read_to_end, send_raw, status_of, tls_context
from security_testing import DOCTORS
from security_testing import doctor_service_pb2
from test_security import NIN, Place


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
