"""Drives the advertiser side of a sandbox from tests, over HTTP only. Holds no expectations."""

import json
from dataclasses import dataclass
from typing import Any

import httpx

from tests.tiktok_sandbox.driver import API, APP_ID, REDIRECT_URI, SECRET, Driver, redirect_values


@dataclass
class Desk:
    """One person's token and what can be done with it."""

    driver: Driver
    token: str
    advertisers: list[str]

    @property
    def first(self) -> str:
        return self.advertisers[0]

    def ask(self, path: str, *, token: str | None = None, **query: Any) -> httpx.Response:
        values = {
            name: value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
            for name, value in query.items()
            if value is not None
        }
        return self.driver.http.get(API + path, params=values, headers={"Access-Token": self.token if token is None else token})

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        answer = self.ask(path, **query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def read(self, path: str, **query: Any) -> Any:
        answer = self.get(path, **query)
        assert answer["code"] == 0, answer
        return answer["data"]

    def post(self, path: str, **body: Any) -> dict[str, Any]:
        answer = self.driver.http.post(API + path, json=body, headers={"Access-Token": self.token})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def write(self, path: str, **body: Any) -> Any:
        answer = self.post(path, **body)
        assert answer["code"] == 0, answer
        return answer["data"]

    def pages(self, path: str, *, page_size: int = 100, **query: Any) -> list[dict[str, Any]]:
        """Every entry of a paged list."""
        found: list[dict[str, Any]] = []
        page = 1
        while True:
            data = self.read(path, page=page, page_size=page_size, **query)
            found += data["list"]
            if page >= data["page_info"]["total_page"]:
                assert data["page_info"]["total_number"] == len(found)
                return found
            page += 1

    def report(self, **query: Any) -> list[dict[str, Any]]:
        wanted = {"advertiser_id": self.first, "report_type": "BASIC", "service_type": "AUCTION", **query}
        if wanted.get("advertiser_ids"):
            del wanted["advertiser_id"]
        return self.pages("/report/integrated/get/", **{"page_size": 1000, **wanted})

    def truth(self, advertiser: str | None = None) -> list[dict[str, Any]]:
        return self.driver.control("world", advertiser_id=advertiser or self.first)["advertisers"][0]["ad_days"]


def desk(driver: Driver, person: str = "brassorbit3", scopes: list[int] | None = None) -> Desk:
    answer = driver.control("grant", {"account": person, "flow": "advertiser", "scopes": scopes})
    assert answer["code"] == 0
    return Desk(driver, answer["data"]["access_token"], answer["data"]["advertiser_ids"])


def portal_query(**changes: str | None) -> dict[str, str]:
    query = {"app_id": APP_ID, "state": "st-ate_123~", "redirect_uri": REDIRECT_URI}
    return {name: value for name, value in {**query, **changes}.items() if value is not None}


def answer_portal(driver: Driver, *, person: str = "brassorbit3", answer: str = "allow", **changes: str | None) -> dict[str, str]:
    form = {"account": person, "answer": answer}
    response = driver.http.post("/portal/auth", params=portal_query(**changes), data=form)
    assert response.status_code == 302, response.text
    return redirect_values(response)


def exchange(driver: Driver, code: str, **changes: Any) -> dict[str, Any]:
    body = {"app_id": APP_ID, "secret": SECRET, "auth_code": code, **changes}
    return driver.post("/oauth2/access_token/", **{name: value for name, value in body.items() if value is not None})
