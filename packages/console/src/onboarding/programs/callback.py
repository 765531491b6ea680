# Takes callbacks, and refuses what is forged or old. Needs Python 3.8 or newer.
import hashlib
import hmac
import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SECRET = b"CALLBACK_SECRET"
seen = set()


def is_genuine(headers, body):
    timestamp = headers.get("X-Mahilo-Timestamp", "")
    if not timestamp.isdecimal() or abs(time.time() - int(timestamp)) > 300:
        return False
    mac = hmac.new(SECRET, timestamp.encode() + b"." + body, hashlib.sha256)
    return hmac.compare_digest("sha256=" + mac.hexdigest(), headers.get("X-Mahilo-Signature", ""))


class Agent(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if not is_genuine(self.headers, body):
            return self.answer(401)
        message = json.loads(body)
        if message["message_id"] not in seen:
            seen.add(message["message_id"])  # a store that outlives this program is better
            print(message["sender"], json.dumps(message["message"]), flush=True)
            # Do something with it here, but answer first what takes long.
        self.answer(200)

    def do_HEAD(self):
        self.answer(200)

    def answer(self, status):
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()


ThreadingHTTPServer(("", CALLBACK_PORT), Agent).serve_forever()
