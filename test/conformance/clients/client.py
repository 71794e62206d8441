"""A client of the board in Python: named rows, the rules of src/client/README.md."""

import json
import os
import sys
import threading
import time

import socketio

rows = {}
at = None  # our position
lock = threading.RLock()
client = socketio.Client(reconnection=False)


def take(body):
    global at
    with lock:
        if body.get("full"):
            rows.clear()
        for row in body["rows"]:
            if row.get("removed"):
                rows.pop(row["symbol"], None)
            else:
                rows[row["symbol"]] = {**rows.get(row["symbol"], {}), **row}
        at = {"epoch": body["epoch"], "seq": body["seq"]}


def answered(body):
    if "error" not in body:
        take(body)


def sync(*_):
    client.emit("open-interest-sync", at, callback=answered)


def is_ahead(message, seq):
    return at is None or message["epoch"] != at["epoch"] or seq > at["seq"]


@client.on("open-interest-pulse")
def on_pulse(pulse):
    if is_ahead(pulse, pulse["seq"]):
        sync()


@client.on("open-interest-update")
def on_update(update):
    with lock:
        if is_ahead(update, update["from"]):
            sync()
        elif update["seq"] > at["seq"]:
            take(update)


client.on("open-interest-hello", sync)


def follow():
    while True:
        try:
            with open(os.environ["OI_TOKEN_FILE"], encoding="utf8") as file:
                token = file.read()
            client.connect(os.environ["OI_URL"], auth={"token": token}, transports=["websocket"])
            client.wait()
        except Exception as fault:
            print(fault, file=sys.stderr)
        time.sleep(0.3)


threading.Thread(target=follow, daemon=True).start()
for _ in sys.stdin:
    with lock:
        print(json.dumps({**(at or {}), "rows": list(rows.values())}), flush=True)
