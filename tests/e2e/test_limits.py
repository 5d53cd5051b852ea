"""What one caller, or the machine, may take from the shipped program, and how it ends; tokens and certificates are in test_security."""

import signal
import socket
import time
import unittest

from flosync_testing import JANUARY_2024_MS, Daemon, Workplace, person, read_so_many, run, small_register, write_lines
from http_testing import eventually, get
import security_testing as made
from security_testing import Client, alert_service_pb2
from test_security import Place
import grpc


class LimitsTest(unittest.TestCase):
    def test_what_is_too_large_or_too_often_is_refused(self):
        with Workplace() as directory, Place(directory, max_calls_per_second=20) as place:
            place.await_register()
            token = place.issuer.token()
            huge = alert_service_pb2.ListAlertsRequest(page_token="x" * 100_000_000)
            self.assertEqual(place.client(token).refusal("AlertService.ListAlerts", huge, timeout=120)[0], "RESOURCE_EXHAUSTED")
            metadata = [(f"x-{i}", "y" * 8000) for i in range(20)]
            self.assertEqual(place.client(token).refusal("AlertService.ListAlerts", metadata=metadata)[0], "RESOURCE_EXHAUSTED")
            time.sleep(1)
            for size, answer in [(-1, ("INVALID_ARGUMENT", "INVALID_FIELD")), (10**9, None)]:
                refused = place.client(token).refusal("AlertService.ListAlerts", alert_service_pb2.ListAlertsRequest(page_size=size))
                self.assertEqual(refused and refused[:2], answer, size)
            twice = place.client(token).refusal("AlertService.ListAlerts", metadata=[("authorization", f"Bearer {token}")])
            self.assertEqual(twice[1], "METADATA_INVALID", "which of the two was meant cannot be told")
            client = place.client(token)
            answers = [client.refusal("SyncService.GetSyncStatus") for _ in range(100)]
            self.assertIn(("RESOURCE_EXHAUSTED", "TOO_MANY_CALLS"), [a and a[:2] for a in answers])
            time.sleep(1)
            self.assertIsNone(client.refusal("SyncService.GetSyncStatus"), "and goes on afterwards")
            self.assert_others_of_the_address_get_in(place)
            bad = Client(place.channel(), "a.b.c")
            answers = {bad.refusal("SyncService.GetSyncStatus")[1] for _ in range(100)}
            self.assertEqual(answers, {"TOKEN_INVALID", "TOO_MANY_CALLS"})


    def assert_others_of_the_address_get_in(self, place):
        nobody = Client(place.channel())
        good = place.client(place.issuer.token(sub="somebody-else"))
        for _ in range(10):
            refused = {nobody.refusal("SyncService.GetSyncStatus")[1] for _ in range(10)}
            self.assertIsNone(good.refusal("SyncService.GetSyncStatus"))
            time.sleep(0.1)
        self.assertIn("TOO_MANY_CALLS", refused)

    def test_a_small_message_that_would_grow_large_is_refused(self):
        with Workplace() as directory, Place(directory) as place:
            place.await_register()
            before = self.peak_memory_kib(place)
            huge = alert_service_pb2.ListAlertsRequest(page_token="A" * 200_000_000).SerializeToString()
            for token in (None, place.issuer.token()):
                ask = place.channel().unary_unary("/flosync.v1.AlertService/ListAlerts")
                metadata = [("authorization", f"Bearer {token}")] if token else []
                for compression in (grpc.Compression.Gzip, grpc.Compression.Deflate):
                    with self.assertRaises(grpc.RpcError) as refused:
                        ask(huge, metadata=metadata, timeout=120, compression=compression)
                    self.assertEqual(refused.exception.code().name, "UNIMPLEMENTED", refused.exception.details())
            self.assertLess(self.peak_memory_kib(place) - before, 100_000)

    def peak_memory_kib(self, place):
        with open(f"/proc/{place.daemon.process.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))

    def test_connections_without_calls_neither_end_the_daemon_nor_lock_others_out(self):
        limited = ("bash", "-c", 'ulimit -n 300; exec "$0" "$@"')
        with Workplace() as directory:
            write_lines(directory / "in" / "a.ndjson", small_register())
            with Daemon(directory / "state", "--input", directory / "in", "--follow", "--http", "127.0.0.1:0", wrapper=limited) as daemon:
                daemon.wait_until(read_so_many(len(small_register())))
                host, port = daemon.address.split(":")
                idle = []
                preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00"
                try:
                    for _ in range(400):
                        idle.append(socket.create_connection((host, int(port)), timeout=10))
                        try:
                            idle[-1].sendall(preface)
                        except OSError:
                            pass  # refused
                    time.sleep(2)
                    self.assertEqual(get(daemon.http, "/readyz").status, 200)
                    source = socket.create_connection((host, int(port)), 10, ("127.0.0.2", 0))
                    source.sendall(preface)
                    self.assertTrue(source.recv(9), "another address is answered")
                    source.close()
                    write_lines(directory / "in" / "b.ndjson", [person(999000011, "2024-01-10T11:00:00", JANUARY_2024_MS)])
                    eventually(lambda: get(daemon.http, "/api/v1/sync/status").json()["records"]["read"] == str(
                        len(small_register()) + 1))
                finally:
                    for connection in idle:
                        connection.close()
                daemon.wait_until(lambda status: status["last_complete_sync"])
                self.assertIn("connections beyond the limit are refused", daemon.stderr())


class ProcessTest(unittest.TestCase):
    def test_the_state_is_for_its_owner_alone(self):
        with Workplace() as directory:
            write_lines(directory / "in" / "a.ndjson", ["nonsense", *small_register()])
            (directory / "given").mkdir(mode=0o755)
            for state in ("new", "given"):
                run("replay", "--input", directory / "in", "--state", directory / state)
                with Daemon(directory / state, "--input", directory / "in", "--follow") as daemon:
                    daemon.wait_until(lambda status: status["last_complete_sync"])
                    run("doctor", "1001", "--address", daemon.address)
                    warned = f"chmod -R go= {directory / state}" in daemon.stderr()
                    self.assertEqual(warned, state == "given")
                if state == "new":
                    self.assertEqual((directory / state).stat().st_mode & 0o777, 0o700)
                made = list((directory / state).rglob("*"))
                self.assertGreater(len(made), 5)
                for path in made:
                    self.assertEqual(path.stat().st_mode & 0o077, 0, path)

    def test_a_hangup_ends_it_in_good_order(self):
        with Workplace() as directory:
            write_lines(directory / "in" / "a.ndjson", small_register())
            for how in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT):
                daemon = Daemon(directory / "state", "--input", directory / "in", "--follow")
                daemon.wait_until(lambda status: status["last_complete_sync"])
                self.assertEqual(daemon.stop(how), 0, how)

    def test_lines_of_grpc_are_in_the_form_of_the_log_and_bounded(self):
        with Workplace() as directory, Place(directory) as place:
            host, port = place.daemon.address.split(":")
            for _ in range(60):
                with socket.create_connection((host, int(port)), timeout=10) as plain:
                    plain.sendall(b"GET / HTTP/1.1\r\n\r\n")
                    plain.recv(100)
            lines = place.daemon.stderr().splitlines()
            self.assertTrue(any(" gRPC: " in line for line in lines), "there is something to look at")
            self.assertLess(len(lines), 60)
            for line in lines:
                self.assertRegex(line, r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (debug|info|warning|error) ")


if __name__ == "__main__":
    unittest.main()
