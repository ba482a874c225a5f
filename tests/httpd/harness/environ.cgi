#!/usr/bin/python3
"""Answers with its environment and the body it read, as JSON."""
import json
import os
import sys

body = sys.stdin.buffer.read()
known = {name.decode(): value.decode("utf-8", "replace")
         for name, value in os.environb.items()}
print("Content-Type: application/json\n")
json.dump({"environment": known, "body": body.decode("latin-1")}, sys.stdout)
