"""Certificates, tokens and a daemon that asks who is there; all made by the openssl program."""

import base64
import datetime
import json
import pathlib
import subprocess
import time

import grpc
from flosync_testing import JANUARY_2024_MS, Daemon, contract, doctor_period, patient_count, person, write_lines
from stubs import import_stubs

ISSUER = "https://issuer.example"
AUDIENCE = "flosync"
DOCTORS = (999000011, 999000029, 999000037)
SCOPES = ("flosync:indicators.read", "flosync:lists.read", "flosync:doctors.read", "flosync:alerts.write", "flosync:admin")


def openssl(*arguments, data=None):
    return subprocess.run(["openssl", *map(str, arguments)], input=data, check=True, capture_output=True).stdout


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Authority:
    """A certificate authority in a directory of its own."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.certificate = self.directory / "ca.pem"
        self._new_key("ca", "-x509", "-days", "30", "-subj", "/CN=test", "-out", self.certificate)

    def _new_key(self, name, *more):
        openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout",
                self.directory / f"{name}.key", *more)

    def issue(self, name, alternative_names, days=30):
        """A certificate and its key, as paths; one for no days has expired by the next second."""
        request, out = self.directory / f"{name}.csr", self.directory / f"{name}.pem"
        self._new_key(name, "-subj", f"/CN={name}", "-out", request)
        extensions = self.directory / f"{name}.ext"
        extensions.write_text(f"subjectAltName={alternative_names}\n", encoding="utf-8")
        openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.directory / "ca.key", "-CAcreateserial",
                "-days", days, "-extfile", extensions, "-out", out)
        return out, self.directory / f"{name}.key"


def thumbprint(certificate):
    return base64url(openssl("dgst", "-sha256", "-binary", data=openssl("x509", "-in", certificate, "-outform", "DER")))


class Issuer:
    """Gives tokens, signed by RSA."""

    def __init__(self, directory, kid="key-1"):
        directory = pathlib.Path(directory)
        directory.mkdir(parents=True, exist_ok=True)
        self.kid = kid
        self.key = directory / f"{kid}.pem"
        openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", self.key)
        self.public_pem = openssl("pkey", "-in", self.key, "-pubout")

    def jwk(self):
        modulus = openssl("rsa", "-in", self.key, "-noout", "-modulus").decode().strip().split("=")[1]
        return {"kty": "RSA", "kid": self.kid, "use": "sig", "alg": "RS256", "n": base64url(bytes.fromhex(modulus)), "e": "AQAB"}

    def token(self, scopes=SCOPES, header=None, signer=None, **claims):
        """A good token, with header and claims changed; None leaves one out."""
        now = int(time.time())
        head = {"alg": "RS256", "typ": "at+jwt", "kid": self.kid, **(header or {})}
        body = {"iss": ISSUER, "aud": AUDIENCE, "sub": "report-service", "client_id": "report", "exp": now + 600, "nbf": now - 10,
                "helseid://claims/client/claims/orgnr_parent": "974760673", "scope": " ".join(scopes), **claims}
        parts = [base64url(json.dumps({k: v for k, v in part.items() if v is not None}).encode()) for part in (head, body)]
        signed = ".".join(parts).encode()
        signature = (signer or self.sign)(signed)
        return ".".join([*parts, base64url(signature)])

    def sign(self, data):
        return openssl("dgst", "-sha256", "-sign", self.key, data=data)


def write_config(path, **sections):
    """Sections as [security.NAME], with `security` itself for security=…"""
    text = '[log]\nlevel = "debug"\n'
    for name, keys in sections.items():
        text += f"[security.{name}]\n" if name != "security" else "[security]\n"
        text += "".join(f"{json.dumps(key)} = {json.dumps(value if isinstance(value, int) else str(value))}\n"
                        for key, value in keys.items())
    path.write_text(text, encoding="utf-8")
    return path


def register():
    """Three lists with a GP each, one of whom leaves: alerts name the doctor."""
    soon = (datetime.date.today() + datetime.timedelta(days=20)).isoformat()
    lines = []
    for i, doctor in enumerate(DOCTORS):
        at = JANUARY_2024_MS + 1000 * i
        lines += [person(doctor, "2024-01-10T11:00:00", at), contract(900101 + i, "2024-01-10T11:00:00", at),
                  doctor_period(700101 + i, 900101 + i, doctor, "2024-01-10T11:00:00", at, until=soon if i == 0 else None),
                  patient_count(900101 + i, 900, "2024-01-10T11:00:00", at)]
    # Unknown to HPR: a deviation about a person.
    lines.append(person(999000045, "2024-01-10T11:00:00", JANUARY_2024_MS, born="1940-01-01"))
    lines.append(contract(900104, "2024-01-10T11:00:00", JANUARY_2024_MS))
    lines.append(doctor_period(700104, 900104, 999000045, "2024-01-10T11:00:00", JANUARY_2024_MS))
    lines.append(contract(900105, "2024-01-10T11:00:00", JANUARY_2024_MS))
    lines.append(doctor_period(700105, 900105, 999000053, "2024-01-10T11:00:00", JANUARY_2024_MS))
    return lines


def start_daemon(place, config, *options):
    """A daemon that reads the register, and the register's lines."""
    lines = register()
    write_lines(place / "in" / "a.ndjson", lines)
    daemon = Daemon(place / "state", "--input", place / "in", "--config", config, *options)
    return daemon, lines


import_stubs()
from flosync.v1 import (alert_service_pb2, deviation_service_pb2, doctor_service_pb2, indicator_service_pb2,  # noqa: E402
                        patient_list_service_pb2, snapshot_service_pb2, sync_service_pb2)

API = (alert_service_pb2, deviation_service_pb2, doctor_service_pb2, indicator_service_pb2, patient_list_service_pb2,
       snapshot_service_pb2, sync_service_pb2)


def each_method():
    for module in API:
        for service in module.DESCRIPTOR.services_by_name.values():
            yield from service.methods


def message_class(descriptor):
    from google.protobuf import message_factory
    return message_factory.GetMessageClass(descriptor)


class Client:
    """Calls methods by name; a refusal comes back as (code name, reason, text)."""

    def __init__(self, channel, token=None, purpose=None):
        self.channel = channel
        self.metadata = []
        if token:
            self.metadata.append(("authorization", f"Bearer {token}"))
        if purpose:
            self.metadata.append(("flosync-purpose", purpose))

    def call(self, method, request=None, metadata=(), timeout=30):
        descriptor = next(m for m in each_method() if m.full_name.endswith("." + method))
        path = f"/{descriptor.containing_service.full_name}/{descriptor.name}"
        kind = self.channel.unary_stream if descriptor.server_streaming else self.channel.unary_unary
        stub = kind(path, request_serializer=lambda m: m.SerializeToString(),
                    response_deserializer=message_class(descriptor.output_type).FromString)
        if request is None:
            request = message_class(descriptor.input_type)()
        answer = stub(request, metadata=[*self.metadata, *metadata], timeout=timeout)
        return answer

    def refusal(self, method, request=None, metadata=(), timeout=30):
        """None when the call is answered."""
        try:
            answer = self.call(method, request, metadata, timeout)
            if hasattr(answer, "__next__"):
                next(answer)
                answer.cancel()
            return None
        except grpc.RpcError as error:
            return error.code().name, reason_of(error), error.details()


def reason_of(error):
    """The reason of the google.rpc.ErrorInfo; empty without one."""
    import re
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin":
            found = re.search(rb"ErrorInfo\x12.\n.([A-Z_]+)", value, re.DOTALL)
            return found.group(1).decode() if found else ""
    return ""


def wait_until_read(client, lines):
    deadline = time.monotonic() + 60
    while True:
        status = client.call("SyncService.GetSyncStatus")
        if status.records.read >= len(lines) and status.last_complete_sync.seconds:
            return status
        if time.monotonic() > deadline:
            raise AssertionError(f"not read within a minute: {status}")
        time.sleep(0.1)
