"""A server that answers with whatever bytes a test gives it: what no sandbox would say."""

import json
import socket
import ssl
import threading
from contextlib import contextmanager


@contextmanager
def answering(*answers, certificate=None):
    """Runs a server on loopback that gives one answer to each request, the last one again and again.

    An answer is bytes, or a function that gives them from the request. Yields its port and what it was asked.
    """
    asked = []
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]

    def serve():
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection:
                try:
                    if certificate is not None:
                        connection = certificate.wrap_socket(connection, server_side=True)
                    request = _request(connection)
                    if request:
                        answer = answers[min(len(asked), len(answers) - 1)]
                        asked.append(request)
                        connection.sendall(answer(request) if callable(answer) else answer)
                    connection.shutdown(socket.SHUT_RDWR)
                except (OSError, ssl.SSLError):
                    pass

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield port, asked
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join()


def http(status, body="", headers=()):
    """Gives an HTTP answer; a body that isn't text is sent as JSON."""
    payload = (body if isinstance(body, str) else json.dumps(body)).encode()
    lines = [f"HTTP/1.1 {status} Told", f"Content-Length: {len(payload)}", "Connection: close", *headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + payload


def refusal(status, code, message="No.", headers=()):
    """Gives an error in Twilio's own form."""
    more = f"https://www.twilio.com/docs/errors/{code}"
    return http(status, {"code": code, "message": message, "more_info": more, "status": status}, headers)


def _request(connection):
    received = b""
    while b"\r\n\r\n" not in received:
        part = connection.recv(65536)
        if not part:
            return b""
        received += part
        if received[0] == 0x16:
            # A TLS handshake, which never comes to a blank line: this is no TLS server.
            return received
    head, _, body = received.partition(b"\r\n\r\n")
    length = next(
        (
            int(line.split(b":")[1])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length")
        ),
        0,
    )
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body
