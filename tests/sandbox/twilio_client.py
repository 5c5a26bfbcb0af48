"""The real Twilio SDK, led to a sandbox: the one thing that is changed is where its requests go."""

from urllib.parse import urlsplit

import requests
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http import HttpClient
from twilio.http.response import Response
from twilio.rest import Client

from chanplan.sandbox.twilio_controls import MAIN_ACCOUNT, token_of


class LedHere(HttpClient):
    """Sends every request to the sandbox, with its host as the first part of the path; keeps the last answer."""

    def __init__(self, endpoint):
        super().__init__(None, False, 20)
        self._endpoint = endpoint
        self._session = requests.Session()
        self.last = None

    def request(
        self,
        method,
        url,
        params=None,
        data=None,
        headers=None,
        auth=None,
        timeout=None,
        allow_redirects=False,
    ):
        address = urlsplit(url)
        answer = self._session.request(
            method,
            f"{self._endpoint}/{address.netloc}{address.path}"
            + (f"?{address.query}" if address.query else ""),
            params=params,
            data=data,
            headers=headers,
            auth=auth,
            timeout=20,
        )
        self.last = answer
        return Response(answer.status_code, answer.text, answer.headers)

    def close(self):
        """Closes its connections."""
        self._session.close()


class Twilio:
    """Makes SDK clients of one sandbox."""

    def __init__(self, endpoint):
        self.http = LedHere(endpoint)

    def __call__(self, user=MAIN_ACCOUNT, password=None, account=None):
        return Client(
            user,
            password or token_of(user),
            account,
            http_client=self.http,
            environment={"NO": "surroundings"},
        )

    def close(self):
        """Closes its connections."""
        self.http.close()


def refusal(call, *arguments, **parameters):
    """Makes a call and returns status and code of its refusal, whichever of its two exceptions the SDK has for it."""
    try:
        call(*arguments, **parameters)
    except TwilioRestException as error:
        return error.status, error.code
    except TwilioException as error:
        return error.args[1].status_code, None
    raise AssertionError("It wasn't refused.")
