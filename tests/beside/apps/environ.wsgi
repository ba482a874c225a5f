"""Answers with all that a WSGI program can see, as JSON."""
import json
import os


def application(environ, start_response):
    seen = {"environment": {name: str(value)
                            for name, value in environ.items()},
            "process": dict(os.environ)}
    # As an error document it has to say again which error that is; for
    # "?forgetful" it does not.
    forgets = environ["QUERY_STRING"].startswith("forgetful")
    status = "200" if forgets else environ.get("REDIRECT_STATUS", "200")
    start_response(f"{status} OK", [("Content-Type", "application/json")])
    return [json.dumps(seen).encode()]
