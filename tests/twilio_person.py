"""Somebody who works at Twilio behind chanplan's back: in the console, or with a tool of their own."""

import base64
import json
import urllib.request
from collections.abc import Mapping
from urllib.error import HTTPError
from urllib.parse import urlencode


class Person:
    """Asks a Twilio that speaks at `CHANPLAN_TWILIO_BASE_URL` as the owner of an account; knows nothing of chanplan."""

    def __init__(self, environment: Mapping[str, str], account: str | None = None) -> None:
        self._base = environment["CHANPLAN_TWILIO_BASE_URL"]
        self.account = account or environment["TWILIO_ACCOUNT_SID"]
        login = f"{self.account}:{environment['TWILIO_AUTH_TOKEN']}"
        self._headers = {"Authorization": f"Basic {base64.b64encode(login.encode()).decode()}"}

    def applications(self) -> dict[str, dict]:
        """Gives the account's Applications by SID."""
        return {each["sid"]: each for each in self._list(f"{self._v2010}/Applications.json", "applications")}

    def numbers(self) -> dict[str, dict]:
        """Gives the account's numbers by E.164."""
        path = f"{self._v2010}/IncomingPhoneNumbers.json"
        return {each["phone_number"]: each for each in self._list(path, "incoming_phone_numbers")}

    def bound(self) -> dict[str, str]:
        """Gives the names of the Applications to which numbers are bound, by number."""
        names = {sid: each["friendly_name"] for sid, each in self.applications().items()}
        return {
            number: names.get(each["voice_application_sid"], each["voice_application_sid"])
            for number, each in self.numbers().items()
            if each["voice_application_sid"]
        }

    def assigned(self, profile: str) -> list[str]:
        """Gives the numbers that are assigned to a profile."""
        numbers = {each["sid"]: number for number, each in self.numbers().items()}
        return sorted(
            numbers.get(each["channel_endpoint_sid"], each["channel_endpoint_sid"])
            for each in self._list(self._assignments(profile), "results")
        )

    def make_application(self, name: str) -> str:
        """Makes an Application, and gives its SID."""
        return self._ask("POST", f"{self._v2010}/Applications.json", FriendlyName=name)["sid"]

    def change_application(self, sid: str, **values: str) -> None:
        """Changes an Application."""
        self._ask("POST", f"{self._v2010}/Applications/{sid}.json", **values)

    def delete_application(self, sid: str) -> None:
        """Deletes an Application."""
        self._ask("DELETE", f"{self._v2010}/Applications/{sid}.json")

    def bind(self, number: str, application: str) -> None:
        """Binds a number to an Application; "" to none."""
        sid = self.numbers()[number]["sid"]
        self._ask("POST", f"{self._v2010}/IncomingPhoneNumbers/{sid}.json", VoiceApplicationSid=application)

    def assign(self, number: str, profile: str) -> None:
        """Assigns a number to a profile."""
        sid = self.numbers()[number]["sid"]
        self._ask(
            "POST", self._assignments(profile), ChannelEndpointType="phone-number", ChannelEndpointSid=sid
        )

    def unassign(self, number: str, profile: str) -> None:
        """Takes a number off a profile."""
        sid = self.numbers()[number]["sid"]
        for each in self._list(self._assignments(profile), "results"):
            if each["channel_endpoint_sid"] == sid:
                self._ask("DELETE", f"{self._assignments(profile)}/{each['sid']}")

    @property
    def _v2010(self) -> str:
        return f"api.twilio.com/2010-04-01/Accounts/{self.account}"

    def _assignments(self, profile: str) -> str:
        return f"trusthub.twilio.com/v1/CustomerProfiles/{profile}/ChannelEndpointAssignments"

    def _list(self, path: str, key: str) -> list[dict]:
        page = self._ask("GET", f"{path}?PageSize=1000")
        assert not page.get("next_page_uri")
        assert not page.get("meta", {}).get("next_page_url")
        return page[key]

    def _ask(self, method: str, path: str, **form: str) -> dict:
        body = urlencode(form).encode() if method == "POST" else None
        request = urllib.request.Request(f"{self._base}/{path}", body, self._headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                said = answer.read()
        except HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.code} {error.read().decode()}") from error
        return json.loads(said) if said else {}
