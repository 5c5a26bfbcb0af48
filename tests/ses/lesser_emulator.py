"""Another SES endpoint than our sandbox: it passes requests on, but for operations that it doesn't know."""

import http.client
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


@contextmanager
def lesser_emulator(endpoint, lacking):
    """Serves what stands behind `endpoint`; a request whose path or body holds one of `lacking` is a 404 page."""
    origin = urlsplit(endpoint)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if any(word in self.path or word.encode() in body for word in lacking):
                self._answer(404, {"Content-Type": "text/html"}, b"<html>Not Found</html>")
                return
            connection = http.client.HTTPConnection(origin.hostname, origin.port, timeout=10)
            connection.request(self.command, self.path, body, dict(self.headers))
            answer = connection.getresponse()
            self._answer(answer.status, {"Content-Type": answer.headers["Content-Type"]}, answer.read())
            connection.close()

        do_GET = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815 - names of the standard library

        def _answer(self, status, headers, body):
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
