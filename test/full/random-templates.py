"""Random expressions and templates from a seed, with what Jinja2 makes of them.

Reads {seed, count} as JSON, writes {variables, cases: [{template, text}]}; null where it raises.
"""

import copy
import json
import pathlib
import random
import re
import sys

sys.path.append(str(pathlib.Path(__file__).parent.parent / "golden" / "jinja"))
from environment import environment  # noqa: E402

given = json.load(sys.stdin)
rng = random.Random(given["seed"])
VARIABLES = {
    "s": "Hello, World",
    "w": " \n a\tb  c\r\n",
    "u": "ünï ß Σας 😀é",
    "n": 7,
    "f": -2.5,
    "t": True,
    "z": None,
    "e": "",
    "l": [3, 1, 2, 2],
    "k": ["b", "A", "c", None][:3],
    "d": {"b": 1, "a": [1, {"x": None}], "items": 5, "s": "q'\"\\\n"},
    "m": [{"role": "user", "content": "hi", "n": 2}, {"role": "assistant", "content": "\n x <b>"}],
}
NAMES = [*VARIABLES, "missing"]
LITERALS = (
    "0 1 -1 2 3 10 1.0 0.5 2.5 -7 1e20 1e-7 none true false 'a' '' 'l' ', ' 'Hello' [] [1,2] (1,) "
    "{} {'a':1} 'é' '%s' '{}' 'x y z'"
).split(" ")
LITERALS = re.findall(r"'[^']*'|\S+", " ".join(LITERALS))
METHODS = (
    "upper() lower() title() capitalize() swapcase() strip() lstrip() rstrip() split() rsplit() "
    "splitlines() strip(@) lstrip(@) rstrip(@) split(@) rsplit(@) split(@,1) rsplit(@,1) split(none,1) "
    "rsplit(none,2) replace(@,@) replace(@,@,1) find(@) rfind(@) index(@) count(@) startswith(@) "
    "endswith(@) partition(@) rpartition(@) join(@) center(9) center(8,@) ljust(9) rjust(9) zfill(9) "
    "isalpha() isdigit() isspace() isupper() islower() istitle() isalnum() isnumeric() removeprefix(@) "
    "removesuffix(@) expandtabs(3) format(@) format(@,@) casefold() get(@) get(@,@) keys() values() "
    "items() copy() splitlines(true) find(@,1) startswith((@,@))"
).split()
FILTERS = (
    "upper lower title capitalize trim trim(@) length string int float abs round round(1) list first "
    "last join join(@) sort sort(reverse=true) unique|list reverse|list sum min max tojson "
    "tojson(indent=2) default(@) d(@,true) replace(@,@) replace(@,@,1) indent indent(2,true) "
    "truncate(5) truncate(8,true) wordcount center(9) e dictsort items|list batch(2)|list "
    "slice(2)|list batch(3,@)|list select|list reject|list select('string')|list map('string')|list "
    "map('upper')|join(@) selectattr('role')|list map(attribute='role')|list "
    "map(attribute='n',default=0)|list selectattr('n','defined')|list groupby('role')|list "
    "rejectattr('role','eq',@)|list format(@) striptags urlencode filesizeformat safe int(5) "
    "int(@,16) float(@) round(2,'floor') round(0,'ceil') wordwrap(5) attr('upper') forceescape"
).split()
TESTS = (
    "defined undefined none string number integer float boolean mapping sequence iterable true false "
    "odd even upper lower in(@) eq(@) ne(@) gt(@) lt(@) divisibleby(@) sameas(@) callable escaped"
).split()
BINARY = "+ - * / // % ** ~ == != < <= > >= and or in".split() + ["not in"]


def fill(text, depth):
    return re.sub("@", lambda _: expression(depth - 1), text)


def expression(depth):
    if depth <= 0 or rng.random() < 0.1:
        return rng.choice(NAMES if rng.random() < 0.55 else LITERALS)
    kind = rng.randrange(13)
    inner = lambda: expression(depth - 1)  # noqa: E731
    if kind < 3:
        return f"({inner()}).{fill(rng.choice(METHODS), depth)}"
    if kind < 6:
        return f"({inner()})|{fill(rng.choice(FILTERS), depth)}"
    if kind == 6:
        return f"({inner()} is {rng.choice(['', 'not '])}{fill(rng.choice(TESTS), depth)})"
    if kind < 9:
        return f"({inner()} {rng.choice(BINARY)} {inner()})"
    if kind == 9:
        part = lambda: rng.choice(["", "0", "1", "-1", "2", "-2", "5"])  # noqa: E731
        return f"({inner()})[{part()}:{part()}{rng.choice(['', ':', ':2', ':-1'])}]"
    if kind == 10:
        return f"({inner()})[{inner()}]"
    if kind == 11:
        return rng.choice([f"[{inner()}, {inner()}]", f"({inner()}, {inner()})", f"{{'k': {inner()}}}"])
    return f"({inner()} if {inner()} else {inner()})"


def blank():
    return rng.choice(["", " ", "\n", "  \n", "\n  ", "x", "\r\n", " y ", "\n\n"])


def tag(text):
    return "{%" + rng.choice(["", "-", "+", ""]) + f" {text} " + rng.choice(["", "-", "+", ""]) + "%}"


def printed(depth):
    return "{{" + rng.choice(["", "-", " "]) + f" {expression(depth)} " + rng.choice(["", "-"]) + "}}"


def body(depth):
    parts = [blank()]
    for _ in range(rng.randrange(1, 4)):
        parts += [statement(depth - 1), blank()]
    return "".join(parts)


def statement(depth):
    kind = rng.randrange(12) if depth > 0 else 0
    name = rng.choice(["n", "s", "x", "v"])
    if kind < 3:
        return printed(2)
    if kind == 3:
        return tag(f"set {name} = {expression(1)}")
    if kind == 4:
        return tag(f"set {name}") + body(depth) + tag("endset")
    if kind == 5:
        other = tag("else") + body(depth) if rng.random() < 0.5 else ""
        return tag(f"if {expression(1)}") + body(depth) + other + tag("endif")
    if kind < 8:
        items = rng.choice(["l", "m", "d", "range(3)", "s[:3]", "[]", "l if x", f"l if {name} != 2"])
        loop = rng.choice(["", "{{ loop.index }}", "{{ loop.last }}{{ loop.previtem }}", "{{ loop.length }}"])
        stop = rng.choice(["", "", tag("break"), tag("continue")])
        other = tag("else") + body(depth) if rng.random() < 0.3 else ""
        return tag(f"for {name} in {items}") + body(depth) + loop + stop + other + tag("endfor")
    if kind == 8:
        return (
            tag(f"macro f({name}, y={expression(1)})") + body(depth) + tag("endmacro")
            + "{{ f(" + rng.choice(["", "1", "n", "1, y=2"]) + ") }}"
        )
    if kind == 9:
        return tag(f"with {name} = {expression(1)}") + body(depth) + tag("endwith")
    if kind == 10:
        return tag(f"filter {rng.choice(['upper', 'trim', 'title', 'indent'])}") + body(depth) + tag("endfilter")
    return rng.choice(["{# c #}", "{#- c -#}", "{% raw %} {{ x }} {% endraw %}", tag("set ns = namespace(a=1)") + tag("set ns.a = n") + "{{ ns.a }}"])


made = environment()
cases = []
while len(cases) < given["count"]:
    isWhole = rng.random() < 0.3
    template = body(3) if isWhole else "{{ " + expression(3) + " }}"
    try:
        text = made.from_string(template).render(**copy.deepcopy(VARIABLES))
    except Exception:
        text = None
    # Some filters change a list that they are given, so each template gets its own. An address
    # is different each time.
    if text is not None and (len(text) > 20000 or " at 0x" in text):
        continue
    cases.append({"template": template, "text": text})
json.dump({"variables": VARIABLES, "cases": cases}, sys.stdout)
