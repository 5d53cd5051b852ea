"""Who may ask what, through the shipped program: every attack is refused with its code and reason, and nothing leaks."""

import hmac
import http.server
import json
import os
import shutil
import socket
import ssl
import subprocess
import threading
import time
import unittest

from flosync_testing import Workplace, run
from http_testing import eventually, get
import security_testing as made
from security_testing import AUDIENCE, DOCTORS, ISSUER, Authority, Client, Issuer, each_method, thumbprint, wait_until_read
from security_testing import alert_service_pb2, deviation_service_pb2, doctor_service_pb2, indicator_service_pb2
from security_testing import patient_list_service_pb2
import grpc

NIN = "12837520264"  # synthetic
LISTS = ("flosync:indicators.read", "flosync:lists.read")


class Place:
    """A daemon on loopback with TLS and tokens, certificates and an issuer of its own; gRPC and HTTP."""

    def __init__(self, directory, client_certificates=None, clients=None, tokens=True, keys=None, plain=False, **security):
        self.directory = directory
        self.authority = Authority(directory / "ca")
        self.issuer = Issuer(directory / "issuer")
        certificate, key = self.authority.issue("server", "IP:127.0.0.1,DNS:localhost")
        tls = {"certificate": certificate, "key": key, "reload_seconds": 1}
        sections = {"security": security} if security else {}
        if client_certificates:
            tls |= {"client_ca": self.authority.certificate, "client_certificates": client_certificates}
        self.plain = plain
        if not plain:
            sections["tls"] = tls
        if clients:
            sections["clients"] = clients
        if tokens:
            self.keys = directory / "keys.json"
            self.publish(self.issuer)
            sections["tokens"] = {"issuer": ISSUER, "audience": AUDIENCE, "keys": keys or self.keys, "leeway_seconds": 0}
        self.config = made.write_config(directory / "flosync.toml", **sections)
        self.open_channels = []
        self.daemon, self.lines = made.start_daemon(directory, self.config, "--http", "127.0.0.1:0")

    def publish(self, *issuers):
        new = self.keys.with_suffix(".new")
        new.write_text(json.dumps({"keys": [issuer.jwk() for issuer in issuers]}), encoding="utf-8")
        new.rename(self.keys)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for channel in self.open_channels:
            channel.close()
        self.daemon.stop()

    def channel(self, certificate=None, key=None, authority=None, options=()):
        if self.plain:
            channel = grpc.insecure_channel(self.daemon.address, options=[("grpc.use_local_subchannel_pool", 1)])
            self.open_channels.append(channel)
            return channel
        read = lambda path: path.read_bytes() if path else None
        credentials = grpc.ssl_channel_credentials((authority or self.authority).certificate.read_bytes(), read(key), read(certificate))
        channel = grpc.secure_channel(self.daemon.address, credentials, options=[("grpc.use_local_subchannel_pool", 1), *options])
        self.open_channels.append(channel)
        return channel

    def client(self, token=None, purpose=None, **channel):
        return Client(self.channel(**channel), token, purpose)

    def await_register(self, **channel):
        wait_until_read(self.client(self.issuer.token() if hasattr(self, "keys") else None, **channel), self.lines)

    def access_log(self):
        return [json.loads(line) for line in (self.directory / "state" / "access_log.ndjson").read_text().splitlines()]


class TokensTest(unittest.TestCase):
    def test_attacks_are_refused_with_their_reason(self):
        with Workplace() as directory, Place(directory) as place:
            place.await_register()
            issuer = place.issuer
            other = Issuer(directory / "other", "key-2")
            now = int(time.time())
            hs256 = lambda data: hmac.digest(issuer.public_pem, data, "sha256")
            attacks = [
                ("no token", None, "UNAUTHENTICATED", "CREDENTIALS_MISSING"),
                ("expired", issuer.token(exp=now - 1), "UNAUTHENTICATED", "TOKEN_EXPIRED"),
                ("no expiry", issuer.token(exp=None), "UNAUTHENTICATED", "TOKEN_INVALID"),
                ("not yet valid", issuer.token(nbf=now + 300), "UNAUTHENTICATED", "TOKEN_NOT_YET_VALID"),
                ("wrong issuer", issuer.token(iss="https://evil.example"), "UNAUTHENTICATED", "TOKEN_INVALID"),
                ("wrong audience", issuer.token(aud="other"), "UNAUTHENTICATED", "TOKEN_INVALID"),
                ("no audience", issuer.token(aud=None), "UNAUTHENTICATED", "TOKEN_INVALID"),
                ("wrong typ", issuer.token(header={"typ": "id+jwt"}), "UNAUTHENTICATED", "TOKEN_INVALID"),
                ("none", issuer.token(header={"alg": "none"}, signer=lambda _: b""), "UNAUTHENTICATED", "TOKEN_INVALID"),
                ("HS256 with the public key", issuer.token(header={"alg": "HS256"}, signer=hs256), "UNAUTHENTICATED", "TOKEN_INVALID"),
                ("unknown kid", other.token(), "UNAUTHENTICATED", "TOKEN_KEY_UNKNOWN"),
                ("another's signature", issuer.token(signer=other.sign), "UNAUTHENTICATED", "TOKEN_INVALID"),
                ("a key of its own", issuer.token(header={"jwk": other.jwk()}, signer=other.sign), "UNAUTHENTICATED", "TOKEN_INVALID"),
                ("bound to a key", issuer.token(cnf={"jkt": "x"}), "UNAUTHENTICATED", "TOKEN_NOT_BOUND"),
                ("bound to a certificate", issuer.token(cnf={"x5t#S256": "x"}), "UNAUTHENTICATED", "TOKEN_NOT_BOUND"),
                ("scope missing", issuer.token(["flosync:indicators.read"]), "PERMISSION_DENIED", "SCOPE_MISSING"),
                ("for another method", issuer.token(["flosync:alerts.write"]), "PERMISSION_DENIED", "SCOPE_MISSING"),
                ("names a person", issuer.token(sub=NIN), "UNAUTHENTICATED", "TOKEN_INVALID"),
                ("nonsense", "nonsense", "UNAUTHENTICATED", "TOKEN_INVALID"),
            ]
            channel = place.channel()
            for name, token, code, reason in attacks:
                with self.subTest(name):
                    refused = Client(channel, token, "test").refusal("AlertService.ListAlerts")
                    self.assertEqual(refused and refused[:2], (code, reason))
                    self.assertIn(";", refused[2], "says what to do")
                    for secret in (*map(str, DOCTORS), NIN, "report-service"):
                        self.assertNotIn(secret, refused[2])
                time.sleep(0.12)  # bad attempts of one address are bounded
            self.assertIsNone(Client(channel, issuer.token()).refusal("AlertService.ListAlerts"), "and a good one is still answered")

    def test_no_method_is_forgotten(self):
        with Workplace() as directory, Place(directory) as place:
            place.await_register()
            channel = place.channel()
            for method in each_method():
                name = method.full_name.removeprefix("flosync.v1.")
                with self.subTest(name):
                    self.assertEqual(Client(channel).refusal(name)[:2], ("UNAUTHENTICATED", "CREDENTIALS_MISSING"))
                    nobody = Client(channel, place.issuer.token([]), "test").refusal(name)
                    self.assertEqual(nobody[:2], ("PERMISSION_DENIED", "SCOPE_MISSING"))
                    time.sleep(0.12)
            self.assertEqual(Client(channel, place.issuer.token(), "test").refusal("DoctorService.GetDoctor")[:2],
                             ("INVALID_ARGUMENT", "INVALID_FIELD"), "only the question is wrong")
            self.assertEqual(Client(channel, place.issuer.token(), "  ").refusal("DoctorService.GetDoctor")[:2],
                             ("INVALID_ARGUMENT", "PURPOSE_MISSING"), "blanks say nothing")

    def test_tokens_are_asked_for_on_plain_loopback_too(self):
        with Workplace() as directory, Place(directory, plain=True) as place:
            place.await_register()
            self.assertEqual(place.client().refusal("SyncService.GetSyncStatus")[:2], ("UNAUTHENTICATED", "CREDENTIALS_MISSING"))
            self.check_health_and_reflection(place)

    def test_health_is_open_and_reflection_is_not(self):
        with Workplace() as directory, Place(directory) as place:
            place.await_register()
            self.check_health_and_reflection(place)

    def test_reflection_can_be_switched_on(self):
        with Workplace() as directory, Place(directory, reflection=True) as place:
            place.await_register()
            reflect = place.channel().stream_stream("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo")
            self.assertIn(b"flosync.v1.AlertService", b"".join(reflect(iter([b"\x3a\x00"]), timeout=30)))

    def check_health_and_reflection(self, place):
        call = lambda path: place.channel().unary_unary(path)(b"", timeout=30)
        self.assertEqual(call("/grpc.health.v1.Health/Check"), b"\x08\x01")
        with self.assertRaises(grpc.RpcError) as refused:
            list(place.channel().stream_stream("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo")(
                iter([b"\x3a\x00"]), timeout=30))
        self.assertEqual(refused.exception.code().name, "UNIMPLEMENTED")

    def test_a_stream_ends_when_its_token_expires(self):
        with Workplace() as directory, Place(directory) as place:
            place.await_register()
            until = int(time.time()) + 3
            stream = place.client(place.issuer.token(exp=until)).call("IndicatorService.WatchIndicators", timeout=60)
            with self.assertRaises(grpc.RpcError) as ended:
                for message in stream:
                    token = message.resume_token
            self.assertEqual((ended.exception.code().name, made.reason_of(ended.exception)), ("UNAUTHENTICATED", "TOKEN_EXPIRED"))
            self.assertGreaterEqual(time.time(), until)
            self.assertLess(time.time(), until + 20)
            request = indicator_service_pb2.WatchIndicatorsRequest(resume_token=token)
            self.assertIsNone(place.client(place.issuer.token()).refusal("IndicatorService.WatchIndicators", request))

    def test_keys_of_a_file_are_rotated_without_restart(self):
        with Workplace() as directory, Place(directory) as place:
            place.await_register()
            new = Issuer(directory / "new", "key-2")
            client = place.client(new.token())
            self.assertEqual(client.refusal("SyncService.GetSyncStatus")[1], "TOKEN_KEY_UNKNOWN")
            place.publish(new)
            self.until(lambda: client.refusal("SyncService.GetSyncStatus") is None)
            self.until(lambda: place.client(place.issuer.token()).refusal("SyncService.GetSyncStatus") is not None)
            place.keys.write_text("{", encoding="utf-8")
            time.sleep(6)
            self.assertIsNone(client.refusal("SyncService.GetSyncStatus"), "a broken set does not replace a good one")

    def test_keys_of_an_address_are_fetched_and_rotated(self):
        published = {}

        class Keys(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.end_headers()
                self.wfile.write(json.dumps({"keys": [issuer.jwk() for issuer in published["issuers"]]}).encode())

            def log_message(self, *_):
                pass

        with Workplace() as directory, http.server.HTTPServer(("127.0.0.1", 0), Keys) as server:
            old, new = Issuer(directory / "old", "old"), Issuer(directory / "new", "new")
            published["issuers"] = [old]
            threading.Thread(target=server.serve_forever, daemon=True).start()
            with Place(directory, keys=f"http://127.0.0.1:{server.server_port}/jwks") as place:
                self.assertIsNone(place.client(old.token()).refusal("SyncService.GetSyncStatus"))
                published["issuers"] = [old, new]
                client = place.client(new.token())
                self.assertEqual(client.refusal("SyncService.GetSyncStatus")[1], "TOKEN_KEY_UNKNOWN")
                self.until(lambda: client.refusal("SyncService.GetSyncStatus") is None)
            server.shutdown()

    def until(self, condition, timeout_s=60):
        deadline = time.monotonic() + timeout_s
        while not condition():
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.5)


class CertificatesTest(unittest.TestCase):
    CLIENTS = {"URI:spiffe://example.no/report": "974760673 flosync:indicators.read flosync:lists.read",
               "DNS:case-work.example.no": "974760673 flosync:doctors.read"}

    def test_attacks_are_refused(self):
        with Workplace() as directory, Place(directory, "required", self.CLIENTS, tokens=False) as place:
            report = place.authority.issue("report", "URI:spiffe://example.no/report")
            place.await_register(certificate=report[0], key=report[1])
            elsewhere = Authority(directory / "elsewhere")
            attacks = [
                ("no certificate", (None, None), "UNAVAILABLE", ""),
                ("self-signed", (elsewhere.certificate, elsewhere.directory / "ca.key"), "UNAVAILABLE", ""),
                ("of another authority", elsewhere.issue("report", "URI:spiffe://example.no/report"), "UNAVAILABLE", ""),
                ("expired", place.authority.issue("old", "URI:spiffe://example.no/report", days=0), "UNAVAILABLE", ""),
                ("another tenant's", place.authority.issue("other", "URI:spiffe://example.no/other"), "UNAUTHENTICATED", "CLIENT_UNKNOWN"),
                ("the name only as common name", place.authority.issue("case-work.example.no", "DNS:x.example"), "UNAUTHENTICATED",
                 "CLIENT_UNKNOWN"),
                ("the name as another kind", place.authority.issue("kind", "DNS:spiffe.example.no"), "UNAUTHENTICATED", "CLIENT_UNKNOWN"),
                ("scope missing", place.authority.issue("case", "DNS:case-work.example.no"), "PERMISSION_DENIED", "SCOPE_MISSING"),
            ]
            time.sleep(1.1)  # the one for no days expires
            for name, (certificate, key), code, reason in attacks:
                with self.subTest(name):
                    refused = place.client(certificate=certificate, key=key).refusal("AlertService.ListAlerts", timeout=10)
                    self.assertEqual(refused and refused[:2], (code, reason), refused)
            self.assertIsNone(place.client(certificate=report[0], key=report[1]).refusal("AlertService.ListAlerts"))
            token = Client(place.channel(*report), "a.b.c").refusal("AlertService.ListAlerts")
            self.assertEqual(token[:2], ("UNAUTHENTICATED", "CREDENTIALS_MISSING"), "a token that is sent has to be good")

    def test_a_bound_token_comes_with_its_certificate_only(self):
        with Workplace() as directory, Place(directory, "optional") as place:
            place.await_register()
            mine = place.authority.issue("mine", "DNS:mine.example")
            other = place.authority.issue("other", "DNS:other.example")
            bound = place.issuer.token(cnf={"x5t#S256": thumbprint(mine[0])})
            ask = lambda *pair: Client(place.channel(*pair), bound).refusal("AlertService.ListAlerts")
            self.assertIsNone(ask(*mine))
            self.assertEqual(ask(*other)[:2], ("UNAUTHENTICATED", "TOKEN_NOT_BOUND"))
            self.assertEqual(ask(None, None)[:2], ("UNAUTHENTICATED", "TOKEN_NOT_BOUND"))

    def test_the_servers_certificate_is_changed_without_restart(self):
        with Workplace() as directory, Place(directory) as place:
            place.await_register()
            host, port = place.daemon.address.split(":")

            def shown():
                context = ssl.create_default_context(cafile=str(place.authority.certificate))
                context.set_alpn_protocols(["h2"])
                with socket.create_connection((host, int(port)), timeout=10) as plain:
                    with context.wrap_socket(plain, server_hostname="127.0.0.1") as tls:
                        return tls.getpeercert()["serialNumber"]

            first = shown()
            held = place.client(place.issuer.token())
            self.assertIsNone(held.refusal("SyncService.GetSyncStatus"))
            certificate, key = place.authority.issue("next", "IP:127.0.0.1,DNS:localhost")
            shutil.copy(certificate, place.authority.directory / "server.pem")
            shutil.copy(key, place.authority.directory / "server.key")
            deadline = time.monotonic() + 60
            while shown() == first:
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.3)
            self.assertIsNone(held.refusal("SyncService.GetSyncStatus"), "connections that stand go on")
            self.assertIsNone(place.client(place.issuer.token()).refusal("SyncService.GetSyncStatus"))

    def test_a_certificate_without_its_key_changes_nothing(self):
        with Workplace() as directory, Place(directory) as place:
            place.await_register()
            served = place.authority.directory
            other, key = place.authority.issue("next", "IP:127.0.0.1,DNS:localhost")
            ask = lambda: place.client(place.issuer.token()).refusal("SyncService.GetSyncStatus", timeout=10)
            for name, content in [("server.pem", other.read_bytes()), ("server.pem", b"nonsense"),
                                  ("server.pem", other.read_bytes() + other.read_bytes()[:200]), ("server.key", b"")]:
                with self.subTest(name):
                    kept = (served / name).read_bytes()
                    (served / name).write_bytes(content)
                    for _ in range(4):
                        time.sleep(0.7)
                        self.assertIsNone(ask(), "new connections are made as before")
                    said = [line for line in place.daemon.stderr().splitlines() if "gRPC's files of TLS stay as they were: " in line]
                    self.assertIn(str(served / name), said[-1])
                    (served / name).write_bytes(kept)
            shutil.copy(other, served / "server.pem")
            shutil.copy(key, served / "server.key")
            eventually(lambda: ask() or "gRPC shows the certificate that is in the files of TLS now" in place.daemon.stderr())
            self.assertIsNone(ask())

    def test_tls_before_1_2_is_refused(self):
        with Workplace() as directory, Place(directory) as place:
            def handshake(version):
                done = subprocess.run(["openssl", "s_client", version, "-cipher", "DEFAULT@SECLEVEL=0", "-alpn", "h2", "-connect",
                                       place.daemon.address], input=b"", capture_output=True, timeout=30)
                return done.returncode == 0
            self.assertFalse(handshake("-tls1"))
            self.assertFalse(handshake("-tls1_1"))
            self.assertTrue(handshake("-tls1_2"))
            self.assertTrue(handshake("-tls1_3"))


class DoctorsTest(unittest.TestCase):
    """Whatever names a doctor."""

    ASKED = [("AlertService.ListAlerts", alert_service_pb2.ListAlertsRequest()),
             ("DeviationService.ListDeviations", deviation_service_pb2.ListDeviationsRequest()),
             ("PatientListService.ListPatientLists", patient_list_service_pb2.ListPatientListsRequest())]

    @staticmethod
    def numbers_in(message):
        return {n for n in (*DOCTORS, 999000045, 999000053) if str(n) in str(message)}

    def test_numbers_need_scope_and_purpose_and_are_logged(self):
        with Workplace() as directory, Place(directory) as place:
            place.await_register()
            channel = place.channel()
            everything, lists = place.issuer.token(), place.issuer.token(LISTS)
            named = {name: self.numbers_in(Client(channel, everything, "case 17").call(name, request)) for name, request in self.ASKED}
            for name, numbers in named.items():
                self.assertTrue(numbers, f"{name} has nothing to leave out")
            entries = place.access_log()
            self.assertEqual([e["method"].removeprefix("flosync.v1.").replace("/", ".") for e in entries], [n for n, _ in self.ASKED])
            for entry, numbers in zip(entries, named.values()):
                self.assertEqual(set(entry["doctors"]), numbers)
                self.assertEqual((entry["who"], entry["organisation"], entry["purpose"]), ("report-service", "974760673", "case 17"))
            for name, request in self.ASKED:
                for client in (Client(channel, lists, "case 17"), Client(channel, everything)):
                    self.assertEqual(self.numbers_in(client.call(name, request)), set(), name)
            self.assertEqual(len(place.access_log()), len(entries), "where none is named nothing is logged")

            doctor = doctor_service_pb2.GetDoctorRequest(hpr_number=DOCTORS[0])
            get = "DoctorService.GetDoctor"
            self.assertEqual(Client(channel, lists, "p").refusal(get, doctor)[:2], ("PERMISSION_DENIED", "SCOPE_MISSING"))
            self.assertEqual(Client(channel, everything).refusal(get, doctor)[:2], ("INVALID_ARGUMENT", "PURPOSE_MISSING"))
            for question, request in [
                    ("AlertService.ListAlerts", alert_service_pb2.ListAlertsRequest(filter={"subject": f"person:{DOCTORS[0]}"})),
                    ("DeviationService.ListDeviations", deviation_service_pb2.ListDeviationsRequest(entity_prefix="person:99900"))]:
                self.assertEqual(Client(channel, lists, "p").refusal(question, request)[:2], ("PERMISSION_DENIED", "SCOPE_MISSING"))
            self.assertEqual(len(place.access_log()), len(entries))
            Client(channel, everything, "case 17").call(get, doctor, [("x-correlation-id", "a-1")])
            nobody = doctor_service_pb2.GetDoctorRequest(hpr_number=999000999)
            self.assertEqual(Client(channel, everything, "case 18").refusal(get, nobody)[0], "NOT_FOUND")
            found, missing = place.access_log()[-2:]
            self.assertEqual((found["doctors"], found["correlation_id"]), ([DOCTORS[0]], "a-1"))
            self.assertEqual((missing["doctors"], missing["purpose"]), ([999000999], "case 18"))

    def test_a_watch_leaves_numbers_out_or_logs_them_first(self):
        with Workplace() as directory, Place(directory) as place:
            place.await_register()
            channel, everything, lists = place.channel(), place.issuer.token(), place.issuer.token(LISTS)
            watch = "AlertService.WatchAlerts"

            def state_of(client):
                stream = client.call(watch, alert_service_pb2.WatchAlertsRequest(initial_state=True))
                state = next(m for m in stream if m.initial_state)
                stream.cancel()
                self.assertTrue(state.updates)
                return self.numbers_in(state)

            named = state_of(Client(channel, everything, "case 17"))
            self.assertTrue(named, "there is something to leave out")
            entry, = place.access_log()
            self.assertEqual((entry["method"], entry["purpose"]), ("flosync.v1.AlertService/WatchAlerts", "case 17"))
            self.assertEqual(set(entry["doctors"]), named)
            for client in (Client(channel, lists, "case 17"), Client(channel, everything)):
                self.assertEqual(state_of(client), set())
            one = alert_service_pb2.WatchAlertsRequest(filter={"subject": f"person:{DOCTORS[0]}"})
            self.assertEqual(Client(channel, lists, "p").refusal(watch, one)[:2], ("PERMISSION_DENIED", "SCOPE_MISSING"))
            self.assertEqual(len(place.access_log()), 1)
            self.assertIsNone(Client(channel, everything, "case 18").refusal(watch, one))
            self.assertEqual(place.access_log()[-1]["doctors"], [DOCTORS[0]], "that nothing is told of a doctor is an answer")

    def test_logs_hold_no_numbers_names_or_tokens(self):
        with Workplace() as directory, Place(directory) as place:
            place.await_register()
            channel, token = place.channel(), place.issuer.token()
            for name, request in self.ASKED:
                Client(channel, token, "case 17").call(name, request)
                Client(channel, token, NIN).refusal(name, request)
            Client(channel, token, "p").call("DoctorService.GetDoctor", doctor_service_pb2.GetDoctorRequest(hpr_number=DOCTORS[0]))
            Client(channel, token, "p").refusal("DoctorService.GetDoctor", doctor_service_pb2.GetDoctorRequest(hpr_number=999000999))
            bad = place.issuer.token(sub="someone-else", exp=1)
            Client(channel, bad, "p").refusal("DoctorService.GetDoctor", doctor_service_pb2.GetDoctorRequest(hpr_number=DOCTORS[1]))
            (directory / "token").write_text(token, encoding="utf-8")
            asked = run("doctor", str(DOCTORS[0]), "--address", place.daemon.address, "--tls-ca", place.authority.certificate,
                        "--token-file", directory / "token", "--purpose", "case 17")
            place.daemon.process.terminate()
            place.daemon.process.wait(timeout=60)
            said = place.daemon.stderr() + asked.stderr
            self.assertIn("serving the state", said, "there is a log to look at")
            for secret in (*map(str, (*DOCTORS, 999000045, 999000053, 999000999)), NIN, "case 17", "report-service", "someone-else",
                           token, token.split(".")[2], bad, bad.split(".")[1]):
                self.assertNotIn(secret, said)
            for line in (directory / "state").iterdir():
                self.assertNotIn(NIN.encode(), line.read_bytes() if line.is_file() else b"", line)

    def test_the_access_log_is_verified_and_survives_a_kill(self):
        with Workplace() as directory, Place(directory) as place:
            place.await_register()
            ask = doctor_service_pb2.GetDoctorRequest(hpr_number=DOCTORS[0])
            for _ in range(3):
                place.client(place.issuer.token(), "case 17").call("DoctorService.GetDoctor", ask)
            place.daemon.kill()
            log = directory / "state" / "access_log.ndjson"
            self.assertEqual(log.stat().st_mode & 0o777, 0o600)
            verified = run("access-log", "verify", log).stdout
            self.assertIn("3 entries, all as written", verified)
            last_hash = verified.split()[-1]
            whole = log.read_bytes()
            log.write_bytes(whole[:-20])  # as if killed while writing the last entry
            place.daemon, _ = made.start_daemon(directory, place.config)
            place.await_register()
            place.client(place.issuer.token(), "case 17").call("DoctorService.GetDoctor", ask)
            self.assertEqual([e["event"] for e in place.access_log()], ["read", "read", "recovered", "read"])
            self.assertIn("4 entries, all as written", run("access-log", "verify", log).stdout)
            gone = run("access-log", "verify", log, "--contains-hash", last_hash, check=False)
            self.assertEqual(gone.returncode, 1)
            self.assertIn("cut off", gone.stderr)
            place.daemon.stop()
            log.write_bytes(log.read_bytes().replace(b"case 17", b"case 18", 1))
            changed = run("access-log", "verify", log, check=False)
            self.assertEqual(changed.returncode, 1)
            self.assertIn(":1: this line is not as it was written", changed.stderr)

    def test_without_configuration_this_machine_reads_and_is_logged(self):
        with Workplace() as directory:
            config = made.write_config(directory / "flosync.toml")
            daemon, lines = made.start_daemon(directory, config)
            with daemon:
                daemon.wait_until(lambda s: s["records"]["read"] >= len(lines) and s["last_complete_sync"])
                run("doctor", str(DOCTORS[0]), "--address", daemon.address)
                entry = json.loads((directory / "state" / "access_log.ndjson").read_text().splitlines()[-1])
                self.assertEqual((entry["who"], entry["doctors"]), ("local", [DOCTORS[0]]))


class CommandLineTest(unittest.TestCase):
    def test_every_command_takes_tls_token_and_purpose(self):
        with Workplace() as directory, Place(directory) as place:
            place.await_register()
            (directory / "token").write_text(place.issuer.token() + "\n", encoding="utf-8")
            flags = ["--address", place.daemon.address, "--tls-ca", place.authority.certificate]
            with_token = [*flags, "--token-file", directory / "token", "--purpose", "case 17"]
            for command in (["status"], ["indicators"], ["lists"], ["alerts", "list"], ["deviations", "list"], ["snapshot", "list"],
                            ["audit"], ["doctor", str(DOCTORS[0])]):
                with self.subTest(command):
                    run(*command, *with_token)
                    refused = run(*command, *flags, check=False)
                    self.assertEqual(refused.returncode, 1)
                    self.assertIn("--token-file", refused.stderr)
                    time.sleep(0.12)
            environment = {**os.environ, "FLOSYNC_TLS_CA": str(place.authority.certificate), "FLOSYNC_PURPOSE": "case 17",
                           "FLOSYNC_TOKEN": place.issuer.token()}
            run("doctor", str(DOCTORS[0]), "--address", place.daemon.address, env=environment)

    def test_what_cannot_be_used_is_said_before_anything_is_sent(self):
        for flags, expected in [(["--tls-ca", "/nowhere.pem"], "/nowhere.pem"), (["--tls-cert", "a.pem"], "go together"),
                                (["--tls-cert", "a.pem", "--tls-key", "a.key"], "--tls-ca"),
                                (["--token-file", "/nowhere"], "/nowhere"), (["--purpose", "tilsyn på"], "ASCII")]:
            with self.subTest(expected):
                refused = run("status", "--address", "127.0.0.1:1", *flags, check=False)
                self.assertIn(refused.returncode, (1, 2))
                self.assertIn(expected, refused.stderr)

    def test_a_token_never_goes_over_an_open_line(self):
        refused = run("status", "--address", "192.0.2.1:7401", check=False, env={**os.environ, "FLOSYNC_TOKEN": "a.b.c"})
        self.assertEqual(refused.returncode, 2)
        self.assertIn("--tls-ca", refused.stderr)

    def test_serve_refuses_what_would_be_open_to_others(self):
        with Workplace() as directory:
            authority = Authority(directory / "ca")
            certificate, key = authority.issue("server", "IP:127.0.0.1")
            tls = {"certificate": certificate, "key": key}
            made.write_lines(directory / "in" / "a.ndjson", made.register())
            for sections, listen, expected in [
                    ({}, "0.0.0.0:0", "TLS"),
                    ({"tls": tls}, "0.0.0.0:0", "security.clients"),
                    ({"tls": {"certificate": certificate}}, "127.0.0.1:0", "go together"),
                    ({"tls": {**tls, "key": authority.directory / "ca.key"}}, "127.0.0.1:0", "is not the key"),
                    ({"tls": {**tls, "certificate": directory / "none.pem"}}, "127.0.0.1:0", "none.pem"),
                    ({"clients": {"DNS:a": "974760673 flosync:lists.read"}}, "127.0.0.1:0", "client_ca"),
                    ({"clients": {"DNS:a": "lists.read"}}, "127.0.0.1:0", "flosync.toml:4: security.clients.DNS:a"),
                    ({"tokens": {"issuer": ISSUER}}, "127.0.0.1:0", "audience"),
                    ({"tokens": {"issuer": ISSUER, "audience": "a", "keys": "http://192.0.2.1/"}}, "127.0.0.1:0", "https://"),
                    ({"tokens": {"issuer": ISSUER, "audience": "a", "keys": directory / "none.json"}}, "127.0.0.1:0", "none.json")]:
                with self.subTest(expected):
                    config = made.write_config(directory / "flosync.toml", **sections)
                    done = run("serve", "--state", directory / "state", "--input", directory / "in", "--config", config, "--listen",
                               listen, check=False)
                    self.assertEqual((done.returncode, done.stdout), (1, ""), done.stderr)
                    self.assertIn(expected, done.stderr)


if __name__ == "__main__":
    unittest.main()
