# SPDX-License-Identifier: Apache-2.0
"""The OpenAPI document, and whether requests and answers match it."""

import datetime
import functools
import operator
import re

import jsonschema

FORMATS = jsonschema.FormatChecker(formats=("uuid",))
PLACEHOLDER = re.compile(r"\\\{[a-zA-Z]+\\\}")


@FORMATS.checks("date-time", raises=ValueError)
def is_date_time(value):
    if isinstance(value, str):
        assert datetime.datetime.fromisoformat(
            value.upper().replace("Z", "+00:00")).tzinfo
    return True


class Description:
    """What a document describes for requests below its base."""

    def __init__(self, document):
        self.document = document

    def check(self, method, target, answer, request_body=None):
        """target is the part of the request's URL after the base."""
        said = f"{answer.status_code} to {method} {target!r}"
        operation = self._operation(method, target)
        if operation is None:
            assert 400 <= answer.status_code < 500, f"undocumented: {said}"
            return
        responses = operation["responses"]
        assert str(answer.status_code) in responses, f"undocumented: {said}"
        response = self._follow(responses[str(answer.status_code)])
        self._check_headers(response, answer, said)
        self._check_content(response, method, answer, said)
        if answer.status_code < 300 and request_body is not None:
            self._check_request(operation, request_body)

    def _operation(self, method, target):
        """The operation that is described, or None."""
        method = {"head": "get"}.get(method.lower(), method.lower())
        path = target.partition("?")[0] or "/"
        paths = self.document["paths"]
        item = paths.get(path) or next(
            (item for template, item in sorted(paths.items())
             if "{" in template and _matches(template, path)), {})
        return item.get(method)

    def _follow(self, node):
        while "$ref" in node:
            names = node["$ref"].removeprefix("#/").split("/")
            node = functools.reduce(operator.getitem, names, self.document)
        return node

    def _check_headers(self, response, answer, said):
        for name, header in response.get("headers", {}).items():
            header = self._follow(header)
            assert name in answer.headers or not header.get("required"), \
                f"no {name} header: {said}"

    def _check_content(self, response, method, answer, said):
        content = response["content"]
        media_type = answer.headers["Content-Type"].partition(";")[0]
        assert media_type in content, f"{media_type}: {said}"
        if method != "HEAD":
            self.validate(answer.json(), content[media_type]["schema"])

    def _check_request(self, operation, body):
        content = self._follow(operation["requestBody"])["content"]
        self.validate(body, content["application/json"]["schema"])

    def validate(self, instance, schema):
        """References of a schema are to the components of the document."""
        jsonschema.Draft202012Validator(
            {**schema, "components": self.document["components"]},
            format_checker=FORMATS).validate(instance)


def _matches(template, path):
    pattern = PLACEHOLDER.sub("[^/]+", re.escape(template))
    return re.fullmatch(pattern, path)
