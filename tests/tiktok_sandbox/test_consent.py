"""The consent page: what is refused without a way back, what is shown, and what the redirect carries."""

import re
from html.parser import HTMLParser

import pytest

from tests.tiktok_sandbox.driver import APP_ID, REDIRECT_URI, Driver, redirect_values, running, token_from


class Inputs(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[dict[str, str | None]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"input", "button"}:
            self.found.append(dict(attrs))

    def named(self, name: str) -> list[dict[str, str | None]]:
        return [one for one in self.found if one.get("name") == name]


@pytest.mark.parametrize("path", ["/v2/auth/authorize", "/v2/auth/authorize/"])
def test_the_page_shows_the_accounts_and_every_scope_that_is_asked_for(sandbox: Driver, path: str) -> None:
    page = sandbox.http.get(path, params=sandbox.consent_query(scope="user.info.basic,video.list"))
    assert page.status_code == 200
    inputs = Inputs(page.text)
    accounts = [one["value"] for one in inputs.named("account")]
    assert accounts[:3] == ["brassorbit3", "moontideco2", "velvetfoxlab"]
    assert [one["value"] for one in inputs.named("account") if "checked" in one] == ["brassorbit3"]
    assert {one["value"]: "disabled" in one for one in inputs.named("scope")} == {"user.info.basic": True, "video.list": False}
    assert [one["value"] for one in inputs.named("answer")] == ["deny", "allow"]
    assert "48,210 followers · public" in page.text
    assert "64 hex characters, as TikTok wants" in page.text
    assert "Logic Target Agency Platform asks for access to a TikTok account" in page.text


def test_the_page_needs_no_inline_style_or_script_and_allows_none(sandbox: Driver) -> None:
    page = sandbox.open_consent()
    assert not re.search(r"<style|<script|\sstyle=|\son\w+=", page.text)
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "form-action 'self' http://127.0.0.1:8000" in policy
    sheet = sandbox.http.get("/__sandbox__/sandbox.css")
    assert sheet.status_code == 200 and sheet.headers["content-type"].startswith("text/css")


def test_what_the_app_sent_is_escaped(sandbox: Driver) -> None:
    page = sandbox.open_consent(state='<b x="1">&').text
    assert "<b x=" not in page and "&lt;b x=&quot;1&quot;&gt;&amp;" in page
    refusal = sandbox.open_consent(scope="user.info.basic,<img src=x>")
    assert refusal.status_code == 400 and "<img" not in refusal.text and "&lt;img src=x&gt;" in refusal.text


HEX = "e6a178b120743d08509508f269652b0bdf91e29332921bc9e9744fd3dd41bfef"


@pytest.mark.parametrize(
    ("parameter", "changes"),
    [
        ("client_key", {"client_key": "aw000000000000"}),
        ("client_key", {"client_key": None}),
        ("redirect_uri", {"redirect_uri": REDIRECT_URI + "/"}),
        ("redirect_uri", {"redirect_uri": REDIRECT_URI.upper()}),
        ("redirect_uri", {"redirect_uri": None}),
        ("response_type", {"response_type": "token"}),
        ("response_type", {"response_type": None}),
        ("scope", {"scope": None}),
        ("scope", {"scope": "user.info.basic video.list"}),
        ("scope", {"scope": "user.info.basic,video.made.up"}),
        ("code_challenge", {"code_challenge": HEX.upper()}),
        ("code_challenge", {"code_challenge": HEX[:-1]}),
        ("code_challenge", {"code_challenge": "5qF4sSB0PQhQlQjyaWUrC9-R4pMykhvJ6XRP091Bv-8"}),
        ("code_challenge", {"code_challenge": None}),
        ("code_challenge_method", {"code_challenge_method": "plain"}),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_wrong_parameter_is_named_and_nobody_is_sent_back(
    sandbox: Driver, parameter: str, changes: dict[str, str | None], method: str
) -> None:
    page = sandbox.http.request(
        method, "/v2/auth/authorize/", params=sandbox.consent_query(**changes), content=b"account=brassorbit3&answer=allow"
    )
    assert page.status_code == 400 and "location" not in page.headers
    assert f"<p><code>{parameter}</code></p>" in page.text


def test_a_repeated_parameter_is_refused(sandbox: Driver) -> None:
    query = [*sandbox.consent_query().items(), ("redirect_uri", "http://127.0.0.1:9/elsewhere")]
    page = sandbox.http.get("/v2/auth/authorize/", params=query)
    assert page.status_code == 400 and "<code>redirect_uri</code>" in page.text


def test_a_challenge_without_a_method_is_read_as_s256(sandbox: Driver) -> None:
    code = sandbox.answer_consent(code_challenge_method=None)["code"]
    assert sandbox.exchange(code)["code"] == 0


def test_allowing_sends_back_code_state_and_scopes(sandbox: Driver) -> None:
    values = sandbox.answer_consent(account="moontideco2", ticked="video.list")
    assert values.keys() == {"code", "state", "scopes"}
    assert values["state"] == "st-ate_123~"
    assert values["scopes"].split(",") == ["user.info.basic", "video.list"]
    assert "*" in values["code"] and "!" in values["code"]


def test_the_code_arrives_percent_encoded(sandbox: Driver) -> None:
    sandbox.control("consent", {"account": "brassorbit3", "auto": True})
    location = sandbox.open_consent().headers["location"]
    assert "%2A0%21" in location and "*" not in location and "!" not in location


def test_the_basic_scope_cannot_be_unticked_and_no_scope_can_be_added(sandbox: Driver) -> None:
    code = sandbox.answer_consent(scope="user.info.basic,video.list", ticked="video.insights")["code"]
    assert token_from(sandbox.exchange(code)).scopes == {"user.info.basic"}


def test_denying_sends_back_an_error_with_the_state(sandbox: Driver) -> None:
    values = sandbox.answer_consent(answer="deny")
    assert (
        values.keys() == {"error", "error_description", "state"} and values["error"] == "access_denied" and values["state"] == "st-ate_123~"
    )


def test_without_a_state_none_is_made_up(sandbox: Driver) -> None:
    assert "state" not in sandbox.answer_consent(state=None)


@pytest.mark.parametrize(
    "form",
    [b"account=nobody_here&answer=allow", b"answer=allow", b"account=brassorbit3", b"account=brassorbit3&answer=maybe", b"\xff=\xfe"],
)
def test_a_form_that_makes_no_sense_is_refused(sandbox: Driver, form: bytes) -> None:
    answer = sandbox.http.post("/v2/auth/authorize/", params=sandbox.consent_query(), content=form)
    assert answer.status_code == 400 and "location" not in answer.headers


def test_a_standing_consent_answers_without_a_click(sandbox: Driver) -> None:
    sandbox.control("consent", {"account": "velvetfoxlab", "scopes": ["video.list"], "auto": True})
    values = redirect_values(sandbox.open_consent())
    assert values["scopes"] == "user.info.basic,video.list"
    sandbox.control("consent", {"account": "velvetfoxlab", "deny": True, "auto": True})
    assert redirect_values(sandbox.open_consent())["error"] == "access_denied"
    assert sandbox.open_consent(redirect_uri="http://127.0.0.1:9/").status_code == 400
    sandbox.http.delete("/__control__/consent")
    assert sandbox.open_consent().status_code == 200


def test_a_standing_choice_without_auto_only_sets_the_form(sandbox: Driver) -> None:
    sandbox.control("consent", {"account": "nd_filter", "scopes": ["user.info.basic"]})
    inputs = Inputs(sandbox.open_consent().text)
    assert [one["value"] for one in inputs.named("account") if "checked" in one] == ["nd_filter"]
    assert [one["value"] for one in inputs.named("scope") if "checked" in one] == ["user.info.basic"]


def test_pkce_can_be_required_and_client_key_and_name_changed() -> None:
    with running(
        "--require-pkce",
        "--app-id",
        "42",
        "--app-name",
        "Another <App>",
        "--redirect-uri",
        "https://one.test/a",
        "--redirect-uri",
        REDIRECT_URI,
    ) as other:
        refused = other.open_consent(client_key="42", code_challenge=None, code_challenge_method=None)
        assert refused.status_code == 400 and "<code>code_challenge</code>" in refused.text
        page = other.open_consent(client_key="42")
        assert page.status_code == 200 and "Another &lt;App&gt; asks" in page.text
        assert other.open_consent(client_key="42", redirect_uri="https://one.test/a").status_code == 200
        assert other.open_consent(client_key=APP_ID).status_code == 400


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1360, 320])
def test_the_page_is_accessible_and_fits_a_small_screen(sandbox: Driver, width: int, scheme: str) -> None:
    import shutil

    playwright = pytest.importorskip("playwright.sync_api")
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    browser_path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser_path is None:
        pytest.skip("no Chromium on this machine")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)
        problems: list[str] = []
        page.on("console", lambda message: problems.append(message.text))
        for path, query in (("/v2/auth/authorize/", {}), ("/v2/auth/authorize/", {"scope": "made.up"}), ("/", {})):
            page.goto(str(sandbox.http.build_request("GET", path, params=sandbox.consent_query(**query)).url))
            results = axe.Axe().run(page)
            assert results.violations_count == 0, results.generate_report()
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert [text for text in problems if "400" not in text] == []
        browser.close()
