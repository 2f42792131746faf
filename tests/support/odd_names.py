"""Eighty names that try to be paths, devices, options, or each other."""

TRAVERSING = [
    "../evil", "../../evil", "../../../../tmp/evil", "..", ".", "./x", "x/../../evil", "..\\evil", "..\\..\\evil",
    "/etc/passwd", "/tmp/evil", "//host/share/evil", "\\\\host\\share\\evil", "C:\\evil", "C:evil", "c:/evil",
    "file:///etc/passwd", "~/evil", "~root/evil", "$HOME/evil", "${HOME}/evil", "%TEMP%\\evil", "`touch evil`", "$(touch evil)",
    "..%2fevil", "%2e%2e%2fevil", "..%c0%afevil", "．．／evil", "..／evil", "..⁄evil", "..∕evil", "....//evil",
    "x/", "/", "a/b/c", ".hidden", ".mamigrate", ".git/config", "mamigrate.toml", "mapping.yaml", "decisions.yaml", "run.html",
    "run.json", "accounts.csv", "ledger.sqlite", "lock", "manifest.json",
]  # fmt: skip
DEVICES = ["CON", "con", "PRN", "AUX", "NUL", "nul.txt", "COM1", "LPT9.csv", "CONIN$", "CLOCK$"]
STREAMS = ["x.txt:hidden", "x::$DATA", "x:evil.exe", "x.", "x ", " x", "x...", "x\t"]
CHARACTERS = [
    "x\x00.html", "x\n", "\r\nx", "x\x1b[2J", "<x>", 'x"y', "x|y", "x?y", "*", "[a-z]*", "-rf", "--help", "@x", "\u202egnp.exe", "x\u200b",
]  # fmt: skip
ALIKE = ["Name", "name", "NAME", "ﬁle", "file", "e\u0301", "\u00e9"]
LONG = ["x" * 300, "é" * 200, "x" * 5000, "a/" * 200]
NAMES = [*TRAVERSING, *DEVICES, *STREAMS, *CHARACTERS, *ALIKE, *LONG]
