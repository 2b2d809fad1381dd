# ruff: noqa: E501
"""Texts that people and TikTok may send us, made to break whatever shows them. Add one here and every outlet is tried with it."""

_MARKUP = (
    "<script>alert(1)</script>", "</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg/onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>", "<body onload=alert(1)>", "<iframe src=javascript:alert(1)>", "<a href='javascript:alert(1)'>x</a>",
    "<b>bold</b>", "<!-- comment", "-->", "<![CDATA[x]]>", "]]>", "</title><h1>x", "</textarea><b>", "</option></select><b>", "</td></tr></table>",
    "<style>*{display:none}</style>", "<link rel=stylesheet href=//evil>", "<meta http-equiv=refresh content=0>", "<base href=//evil>",
    "<form action=//evil>", "<input autofocus onfocus=alert(1)>", "<details open ontoggle=alert(1)>", "<math><mi//xlink:href='data:x,1'>",
    "\"><script>alert(1)</script>", "'><script>alert(1)</script>", "\" onmouseover=\"alert(1)", "' onmouseover='alert(1)", "` onmouseover=`x",
    "\" autofocus onfocus=alert(1) x=\"", "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,<script>alert(1)</script>",
    "vbscript:x", "&lt;script&gt;", "&#60;script&#62;", "&amp;", "&", "&nbsp;", "&#0;", "&#x202e;", "<", ">", "<<>>", "< script >", "<\u200bscript>",
    "\uff1cscript\uff1e", "<scr\u00adipt>", "%3Cscript%3E", "\\u003cscript\\u003e", "<style=>", "style=\"x\"", "<p/class=x>", "</p></div></main></body>",
)  # fmt: skip
_TEMPLATES = (
    "{{ 7*7 }}", "{% load x %}", "{% include 'x' %}", "{{ request.user.password }}", "{# x #}", "${7*7}", "#{7*7}", "<%= 7*7 %>", "{{{x}}}",
    "{0}", "{name}", "{self.__class__}", "%s", "%(name)s", "%n%n%n", "%d%x", "$x$", "$(id)", "`id`", "#set page(width: 1pt)", "#read(\"/etc/passwd\")",
    "#import \"x\": *", "*bold*", "_it_", "= Heading", "- list", "\\", "\\\\", "\\n", "\\\"", "@ref", "<label>", "//comment", "/* x */", "*/", "#",
)  # fmt: skip
_SHEETS = (
    "=1+1", "=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(1)", "=HYPERLINK(\"http://evil\",\"x\")", "\t=1+1", "\r=1+1", " =1+1", "'=1+1", "\"=1+1\"",
    "=DDE(\"x\")", "\uff1d1+1", "1;2;3", "1,2,3", "a\"b\"c", "1e5", "007", "12345678901234567890", "1/2", "TRUE", "NULL", "#REF!", "0x1F", "-",
)  # fmt: skip
_LINES = (
    "a\nb", "a\r\nb", "a\rb", "a\u2028b", "a\u2029b", "a\u0085b", "a\x0bb", "a\x0cb", "x\r\nBcc: victim@example.org", "x\nSubject: other",
    "x\r\n\r\n<h1>body</h1>", "=?utf-8?b?PHNjcmlwdD4=?=", "a: b", "\"name\" <x@example.org>", "x>, <y@example.org", "{\"level\": \"info\"}",
    "\", \"level\": \"error", "\x1b[2J\x1b[31mred", "\x1b]0;title\x07", "\x08\x08\x08", "\x7f", "\ttab", "  two  spaces  ",
)  # fmt: skip
_SIGNS = (
    "\u202egnp.exe", "\u202dabc\u202c", "\u2066x\u2069", "\u200fx", "a\u200bb\u200cc\u200dd", "\ufeffx", "\u00ad", "\u115f", "e\u0301" * 3,
    "Z\u0351\u036b\u0343\u032aa\u0334l\u0321go", "\U0001f469\u200d\U0001f469\u200d\U0001f467", "\U0001f1fa\U0001f1f8", "\U0001f44d\U0001f3ff",
    "\u0645\u0631\u062d\u0628\u0627", "\u4f60\u597d", "\u05e9\u05dc\u05d5\u05dd", "\u0e01\u0e33", "\ufdfa", "\u1e9e\u00df\u0131\u0130", "\uff21\uff22",
    "\ue000", "\U000e0041", "\ufffe", "\U0010fffd",
)  # fmt: skip
_WORDS = (
    "' OR '1'='1", "'; DROP TABLE agency_person; --", "1; SELECT pg_sleep(9)", "\" OR 1=1 --", "../../../etc/passwd", "..\\..\\x", "/etc/passwd\x01",
    "C:\\con", "file:///etc/passwd", "http://169.254.169.254/", "None", "undefined", "NaN", "true", "0", "-0", "admin", "The platform", "@brassorbit3",
    "https://evil.example/?token=act.abc", "act.secret-looking-token-0123456789", "a" * 120, "W" * 118, "x y " * 29,
)  # fmt: skip
TEXTS: tuple[str, ...] = tuple(dict.fromkeys((*_MARKUP, *_TEMPLATES, *_SHEETS, *_LINES, *_SIGNS, *_WORDS)))
# What no database of ours can hold, and TikTok's JSON and a browser can send nevertheless.
UNSTORABLE = ("\x00", "a\x00b", "\ud800", "x\udfffy")
