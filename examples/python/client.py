"""A client of the server in a hundred lines: signs in, stays signed in, pages through lists, fetches exports.

Nothing but the standard library. The tokens are kept in a file that only its owner can read, so that the next run goes on
in the same session; an access token that has ended is exchanged without anybody noticing.
"""

import hashlib
import json
import os
import urllib.error
import urllib.request
import uuid
from pathlib import Path


class Refused(Exception):
    """The server refused; `code` is what a program acts on (docs/errors.md)."""

    def __init__(self, code, message):
        super().__init__(f"{code}: {message}")
        self.code = code


class Client:
    """One person at one server."""

    def __init__(self, server, session_file):
        self.server = server.rstrip("/")
        self.session_file = Path(session_file)
        self.session = json.loads(self.session_file.read_text()) if self.session_file.exists() else None

    def sign_in(self, login, password):
        """Opens a session, unless one is kept."""
        if self.session is None:
            document = """mutation($input: LoginInput!) { login(input: $input) {
                session { accessToken refreshToken } userErrors { code messageZh } } }"""
            self._keep(self._session("login", document, {"login": login, "password": password}))

    def ask(self, document, variables=None):
        """The data of an answer."""
        try:
            return self._post(document, variables)
        except Refused as refusal:
            if refusal.code != "UNAUTHENTICATED" or self.session is None:
                raise
        self._refresh()
        return self._post(document, variables)

    def act(self, mutation, kind, selection, command):
        """Carries a mutation out, once, however often the line breaks: the key stays the same."""
        document = f"""mutation($input: {kind}!) {{ {mutation}(input: $input) {{
            {selection} userErrors {{ code field message messageZh }} }} }}"""
        payload = self.ask(document, {"input": {"idempotencyKey": str(uuid.uuid4()), **command}})[mutation]
        for error in payload["userErrors"]:
            raise Refused(error["code"], f"{error['messageZh']} ({error['message']}, {error['field']})")
        return payload

    def pages(self, field, arguments, selection, size=100):
        """Every row of a list, page by page. `arguments` stand as they do in GraphQL."""
        document = f"""query($first: Int!, $after: String) {{ {field}({arguments}, first: $first, after: $after) {{
            nodes {{ {selection} }} pageInfo {{ hasNextPage endCursor }} }} }}"""
        after = None
        while True:
            page = self.ask(document, {"first": size, "after": after})[field]
            yield from page["nodes"]
            if not page["pageInfo"]["hasNextPage"]:
                return
            after = page["pageInfo"]["endCursor"]

    def export(self, question, form, path):
        """Saves the answer to a question as a file, checked against its digest, and returns its manifest."""
        payload = self.act(
            "createExport", "CreateExportInput", "export { url manifest }", {"question": question, "format": form}
        )["export"]
        manifest = json.loads(payload["manifest"])
        with urllib.request.urlopen(self.server + payload["url"], timeout=60) as answer:
            content = answer.read()
        if hashlib.sha256(content).hexdigest() != manifest["sha256"]:
            raise ValueError("the file is not what the manifest says")
        Path(path).write_bytes(content)
        return manifest

    def _refresh(self):
        document = """mutation($input: RefreshTokenInput!) { refreshToken(input: $input) {
            session { accessToken refreshToken } } }"""
        token, self.session = self.session["refreshToken"], None
        self._keep(self._session("refreshToken", document, {"refreshToken": token}))

    def _session(self, mutation, document, command):
        payload = self._post(document, {"input": command})[mutation]
        for error in payload.get("userErrors", []):
            raise Refused(error["code"], error["messageZh"])
        return payload["session"]

    def _keep(self, session):
        self.session = session
        descriptor = os.open(self.session_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(session, file)

    def _post(self, document, variables):
        body = json.dumps({"query": document, "variables": variables or {}}).encode()
        headers = {"Content-Type": "application/json", "Accept": "application/graphql-response+json"}
        if self.session is not None:
            headers["Authorization"] = "Bearer " + self.session["accessToken"]
        request = urllib.request.Request(self.server + "/graphql", data=body, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                told = json.load(answer)
        except urllib.error.HTTPError as error:
            told = json.load(error)
        for error in told.get("errors", []):
            raise Refused(error["extensions"]["code"], error["message"])
        return told["data"]
