# Prints what this agent is sent, and says that it has it. Needs Python 3.8 or newer.
import json
import time
import urllib.error
import urllib.request


def ask(path, body=None):
    request = urllib.request.Request(
        "REGISTRY_ORIGIN/api/v1" + path,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": "Bearer AGENT_KEY", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


while True:
    try:
        for message in ask("/inbox?wait=30"):
            print(message["sender"], json.dumps(message["message"]), flush=True)
            # Do something with it here. To answer: ask("/messages/send", {"recipient": message["sender"], "message": "…"})
            # What is not acknowledged comes again after a minute.
            ask("/inbox/ack", {"receipts": [message["receipt"]]})
    except (OSError, ValueError) as error:
        print(error.read().decode() if isinstance(error, urllib.error.HTTPError) else error, flush=True)
        time.sleep(5)
