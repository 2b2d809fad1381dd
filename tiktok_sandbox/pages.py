"""The pages people see: consent, refusal, and a front page. Every value that came from outside is escaped here; nothing is decided here."""

from html import escape
from importlib.resources import files
from string import Template
from urllib.parse import urlsplit

from tiktok_sandbox.consent import ConsentError, ConsentRequest, Standing
from tiktok_sandbox.options import App
from tiktok_sandbox.portal import PortalRequest
from tiktok_sandbox.scopes import BASIC, PERMISSIONS, SCOPES
from tiktok_sandbox.world.adcast import Person
from tiktok_sandbox.world.cast import Profile
from tiktok_sandbox.world.world import World

SHEET_PATH = "/__sandbox__/sandbox.css"
SHEET = files("tiktok_sandbox").joinpath("static/sandbox.css").read_bytes()

FRAME = Template("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>$title · Sandbox</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="$sheet">
</head>
<body>
<header class="tape"><strong>SANDBOX</strong> This is not TikTok. It stands in for $part, with invented accounts.</header>
<main>
$body
</main>
</body>
</html>
""")

CONSENT = Template("""  <div class="paper">
    <header><p class="app"><b aria-hidden="true">$monogram</b> app $app_id</p>
      <h1>$app_name asks for access to a TikTok account</h1></header>
    <form method="post">
      <fieldset><legend>Which account</legend>
        <div class="who">$accounts</div>$others</fieldset>
      <fieldset><legend>What it may do. Switch off what you do not want to give.</legend>
        <div>$scopes</div></fieldset>
      <div class="go"><button name="answer" value="deny">Deny</button><button class="yes" name="answer" value="allow">Allow</button>
        <p><small>Either way you go back to $back. What you allow here can be taken back at any time.</small></p></div>
    </form>
  </div>
  <details class="paper" open><summary>What the app sent</summary>
    <dl><dt>Flow</dt><dd>TikTok account, API for Business</dd><dt>Redirect</dt><dd><code>$redirect</code> matches</dd>\
<dt>State</dt><dd>$state</dd><dt>Challenge</dt><dd>$challenge</dd></dl></details>""")

PORTAL = Template("""  <div class="paper">
    <header><p class="app"><b aria-hidden="true">$monogram</b> app $app_id</p>
      <h1>$app_name asks for access to your ad accounts</h1></header>
    <form method="post">
      <fieldset><legend>Who you are</legend>
        <div class="who">$people</div></fieldset>
      <fieldset><legend>What it may do. This is fixed at the app: you can give all of it, or nothing.</legend>
        <div>$permissions</div></fieldset>
      <div class="go"><button name="answer" value="deny">Deny</button><button class="yes" name="answer" value="allow">Allow</button>
        <p><small>Either way you go back to $back. What you allow here can be taken back at any time.</small></p></div>
    </form>
  </div>
  <details class="paper" open><summary>What the app sent</summary>
    <dl><dt>Flow</dt><dd>Advertiser, API for Business</dd><dt>Redirect</dt><dd><code>$redirect</code> matches</dd>\
<dt>State</dt><dd>$state</dd></dl></details>""")

REFUSAL = Template("""  <div class="paper">
    <header><h1>Something went wrong</h1>
      <p><code>$parameter</code></p>
      <p>$reason</p>
      <p><small>The app that sent you here has to correct this. You are not sent back to it.</small></p></header>
  </div>""")


FRONT = Template("""  <div class="paper">
    <header><h1>A local stand-in for TikTok</h1>
      <p>Programs send people to <code>/v2/auth/authorize/</code> or <code>/portal/auth</code>
      and call <code>/open_api/v1.3/</code>.</p></header>
    <dl class="facts"><dt>Time here</dt><dd>$now</dd><dt>World</dt><dd>seed $seed</dd><dt>Sample week</dt><dd>$first to $last</dd>\
<dt>App</dt><dd>$app_name <code>$app_id</code></dd><dt>Control</dt><dd><a href="/__control__/">/__control__/</a></dd>\
<dt>The truth</dt><dd><a href="/__control__/world">/__control__/world</a></dd>\
<dt>Requests</dt><dd><a href="/__control__/log">/__control__/log</a></dd></dl>
  </div>""")


def front_page(app: App, world: World, now: str) -> bytes:
    first, last = world.sample_week
    body = FRONT.substitute(now=escape(now), seed=world.seed, first=first, last=last, app_name=escape(app.name), app_id=escape(app.app_id))
    return FRAME.substitute(title="Start", part="its servers", sheet=SHEET_PATH, body=body).encode()


def consent_page(request: ConsentRequest, app: App, world: World, standing: Standing, now: int) -> bytes:
    first, others = _profiles(world, standing.account)
    chosen = standing.account if standing.account and world.profile(standing.account) else first[0].handle
    more = "".join(_account(profile, world, now, chosen) for profile in others)
    body = CONSENT.substitute(
        monogram=escape("".join(word[0] for word in app.name.split()[:2]).upper() or "?"),
        app_id=escape(app.app_id),
        app_name=escape(app.name),
        accounts="".join(_account(profile, world, now, chosen) for profile in first),
        others=f'<details class="more"><summary>Other invented accounts</summary><div class="who">{more}</div></details>' if more else "",
        scopes="".join(_scope(name, standing.scopes is None or name in standing.scopes) for name in request.scopes),
        back=escape(urlsplit(request.redirect_uri).netloc),
        redirect=escape(request.redirect_uri),
        state="not sent" if request.state is None else f"<code>{escape(_short(request.state))}</code> {len(request.state)} characters",
        challenge="not sent"
        if request.challenge is None
        else f"<code>S256</code> <code>{escape(_short(request.challenge))}</code> 64 hex characters, as TikTok wants",
    )
    return FRAME.substitute(title="Allow access?", part="its consent page", sheet=SHEET_PATH, body=body).encode()


def portal_page(request: PortalRequest, app: App, world: World, standing: Standing) -> bytes:
    people = world.ads.picker()
    wanted = world.ads.person(standing.account) if standing.account else None
    if wanted is not None and wanted not in people:
        people = [wanted, *people]
    chosen = people[0] if wanted is None else wanted
    body = PORTAL.substitute(
        monogram=escape("".join(word[0] for word in app.name.split()[:2]).upper() or "?"),
        app_id=escape(app.app_id),
        app_name=escape(app.name),
        people="".join(_person(person, world, is_chosen=person == chosen) for person in people),
        permissions="".join(
            f'<div class="scope"><span><strong>{escape(sentence)}</strong><small><code>{number}</code></small></span></div>'
            for number, sentence in PERMISSIONS.items()
        ),
        back=escape(urlsplit(request.redirect_uri).netloc),
        redirect=escape(request.redirect_uri),
        state="not sent" if request.state is None else f"<code>{escape(_short(request.state))}</code> {len(request.state)} characters",
    )
    return FRAME.substitute(title="Allow access?", part="its consent page", sheet=SHEET_PATH, body=body).encode()


def _person(person: Person, world: World, *, is_chosen: bool) -> str:
    names = [world.ads.advertisers[known].name for known in world.ads.ids_of(person.key)]
    shown = escape(", ".join(names)) or "no ad accounts"
    checked = " checked" if is_chosen else ""
    initials = escape("".join(word[0] for word in person.display_name.split()[:2]).upper())
    return (
        f'<label><input type="radio" name="account" value="{escape(person.key)}"{checked}><i aria-hidden="true">{initials}</i>'
        f"<span><strong>{escape(person.display_name)}</strong><small>{shown}</small></span></label>"
    )


def refusal_page(error: ConsentError) -> bytes:
    body = REFUSAL.substitute(parameter=escape(error.parameter[:120]), reason=escape(error.reason))
    return FRAME.substitute(title="Something went wrong", part="its consent page", sheet=SHEET_PATH, body=body).encode()


def page_headers(redirect_uri: str | None = None) -> list[tuple[str, str]]:
    """No script, no frame, one sheet. The answer to the form is a redirect, which browsers count as part of the form's action."""
    parts = urlsplit(redirect_uri or "")
    action = f"'self' {parts.scheme}://{parts.netloc}" if redirect_uri else "'none'"
    policy = f"default-src 'none'; style-src 'self'; img-src data:; form-action {action}; base-uri 'none'; frame-ancestors 'none'"
    return [
        ("Content-Security-Policy", policy),
        ("Referrer-Policy", "no-referrer"),
        ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"),
    ]


def _profiles(world: World, wanted: str | None) -> tuple[list[Profile], list[Profile]]:
    first, others = world.picker(), [profile for profile in world.cast() if not profile.in_picker]
    profile = world.profile(wanted) if wanted else None
    if profile is not None and profile not in first:
        first, others = [profile, *first], [other for other in others if other != profile]
    return first, others


def _account(profile: Profile, world: World, now: int, chosen: str) -> str:
    facts = f"{world.feed(profile.handle).followers_at(now):,} followers · {'public' if profile.is_public else 'private'}"
    handle, checked = escape(profile.handle), " checked" if profile.handle == chosen else ""
    return (
        f'<label><input type="radio" name="account" value="{handle}"{checked}><i aria-hidden="true">{escape(_initials(profile))}</i>'
        f"<span><strong>@{handle}</strong><small>{facts}</small></span></label>"
    )


def _scope(name: str, ticked: bool) -> str:
    always = name == BASIC
    return (
        f'<label class="scope"><span><strong>{escape(SCOPES[name])}</strong>'
        f"<small><code>{escape(name)}</code>{' · always given' if always else ''}</small></span>"
        f'<input class="switch" type="checkbox" role="switch" name="scope" value="{escape(name)}"'
        f"{' checked' if ticked or always else ''}{' disabled' if always else ''}></label>"
    )


def _initials(profile: Profile) -> str:
    if profile.handle[-1].isdigit():
        return (profile.handle[0] + profile.handle[-1]).upper()
    words = profile.display_name.replace("&", " ").split()
    return "".join(word[0] for word in words[:2]).upper()


def _short(text: str) -> str:
    return text if len(text) <= 12 else f"{text[:4]}…{text[-4:]}"
