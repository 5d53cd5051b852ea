"""Asking over HTTP: whole requests by http.client, and bytes as they are by sockets."""

import http.client
import json
import re
import socket
import ssl
import time

HTTP = ("--http", "127.0.0.1:0")


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    def json(self):
        return json.loads(self.body)

    def reason(self):
        """The reason of the google.rpc.ErrorInfo."""
        return next(d["reason"] for d in self.json()["details"] if d["@type"].endswith("google.rpc.ErrorInfo"))


def tls_context(authority=None, certificate=None, key=None):
    context = ssl.create_default_context(cafile=str(authority.certificate))
    if certificate:
        context.load_cert_chain(certificate, key)
    return context


def get(address, path, context=None, method="GET", body=None, timeout=30, **headers):
    """One request on a connection of its own; headers by name with _ for -; a list is sent once for each."""
    host, port = address.rsplit(":", 1)
    connection = (http.client.HTTPSConnection(host, int(port), context=context, timeout=timeout) if context
                  else http.client.HTTPConnection(host, int(port), timeout=timeout))
    try:
        connection.putrequest(method, path, skip_host="Host" in headers)
        for name, values in headers.items():
            for value in values if isinstance(values, list) else [values]:
                connection.putheader(name.replace("_", "-"), value)
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        return Answer(connection.getresponse())
    finally:
        connection.close()


def bearer(token, **more):
    return {"Authorization": f"Bearer {token}", **more}


def connect(address, timeout=30):
    host, port = address.rsplit(":", 1)
    return socket.create_connection((host, int(port)), timeout=timeout)


def send_raw(address, data, timeout=30):
    """Everything that comes back until the connection ends; what cannot be sent any more is left."""
    with connect(address, timeout) as connection:
        try:
            connection.sendall(data)
        except OSError:
            pass
        return read_to_end(connection)


def read_to_end(connection):
    received = b""
    try:
        while chunk := connection.recv(65536):
            received += chunk
    except (ConnectionError, socket.timeout):
        pass
    return received


def status_of(received):
    found = re.match(rb"HTTP/1\.1 (\d{3}) ", received)
    return int(found.group(1)) if found else None


def metrics(text):
    """Samples as {'name{labels}': value}."""
    samples = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            name, value = line.rsplit(" ", 1)
            samples[name] = float(value)
    return samples


def eventually(what, timeout_s=30):
    deadline = time.monotonic() + timeout_s
    while not (found := what()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout_s} s")
        time.sleep(0.1)
    return found
