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
    "m": [
        {"role": "user", "content": "hi", "n": 2, "calls": None},
        {"role": "assistant", "content": None, "calls": [{"f": {"a": None, "b": "1"}}]},
        {"role": "tool", "content": "\n x <b>", "n": 1.5},
    ],
    "o": {"none": None, "t": "Straße", "f": 1.5e-5, "i": 1234567890123, "q": "it's"},
}
NAMES = [*VARIABLES, "missing"]
LITERALS = (
    "0 1 -1 2 3 10 1.0 0.5 2.5 -7 1e20 1e-7 none true false 'a' '' 'l' ', ' 'Hello' [] [1,2] (1,) "
    "{} {'a':1} 'é' '%s' '{}' 'x y z' 1_000 1e3 \"it's\" 'a\\n\\tb' '\\u00e9' '\\x41' {'a':none,2:'b'} (1,'a') ()"
).split(" ")
LITERALS = re.findall(r"'[^']*'|\S+", " ".join(LITERALS))
METHODS = (
    "upper() lower() title() capitalize() swapcase() strip() lstrip() rstrip() split() rsplit() "
    "splitlines() strip(@) lstrip(@) rstrip(@) split(@) rsplit(@) split(@,1) rsplit(@,1) split(none,1) "
    "rsplit(none,2) replace(@,@) replace(@,@,1) find(@) rfind(@) index(@) count(@) startswith(@) "
    "endswith(@) partition(@) rpartition(@) join(@) center(9) center(8,@) ljust(9) rjust(9) zfill(9) "
    "isalpha() isdigit() isspace() isupper() islower() istitle() isalnum() isnumeric() removeprefix(@) "
    "removesuffix(@) expandtabs(3) format(@) format(@,@) casefold() get(@) get(@,@) keys() values() "
    "items() copy() splitlines(true) find(@,1) startswith((@,@)) isascii() isdecimal() isidentifier() "
    "isprintable() rfind(@,0,4) count(@,1) index(@,-3) endswith((@,@)) rindex(@) "
    "strip('\\n a') split(sep=@) split(maxsplit=1) split(@,maxsplit=1) replace(@,@,-1) "
    "zfill(width=3) format(a=@) format_map({'a':@}) is_integer() bit_length() real conjugate() "
    "upper role content calls f a none t 0 items b.x replace"
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
    "int(@,16) float(@) round(2,'floor') round(0,'ceil') wordwrap(5) attr('upper') forceescape "
    "int(default=@) int(base=2) trim('xH') trim(chars=@) sort(attribute='n') sort(case_sensitive=true) "
    "sort(attribute='role,n') unique(true)|list unique(attribute='role')|list min(attribute='n') "
    "max(case_sensitive=true) sum(attribute='n') sum(start=@) dictsort(true) dictsort(by='value') "
    "dictsort(reverse=true) dictsort(false,'value',true) xmlattr items|list|length truncate(5,true,'…') "
    "truncate(length=6,leeway=0) truncate(9,false,'',0) indent(width=1,first=true,blank=true) "
    "indent('>') center(width=7) tojson(ensure_ascii=true) tojson(separators=(',',':')) "
    "tojson(sort_keys=true) tojson(indent=none) join(', ',attribute='role') join(d=@) "
    "map('default',@)|list map('int',1)|list map('trim')|list map('replace','a',@)|list "
    "map('join',@)|list map(attribute='calls.0.f.b')|list map(attribute='calls',default=@)|list "
    "select('in',@)|list select('equalto',@)|list select('>',1)|list reject('none')|list "
    "reject('odd')|list select('divisibleby',2)|list selectattr('n','>',1)|list "
    "selectattr('content','none')|list selectattr('calls.0.f')|list rejectattr('calls')|list "
    "rejectattr('n','undefined')|list groupby('n',default=@)|list groupby('content')|length "
    "groupby('role')|map(attribute='list')|list groupby('role')|map(first)|list map('first')|list "
    "map('length')|list batch(linecount=2)|list slice(3,@)|map('list')|list format(@,@) format(a=@) "
    "string|length count default('x',boolean=true) default(default_value=@) wordwrap(4,false) "
    "wordwrap(6,wrapstring='|') wordwrap(5,break_on_hyphens=false) filesizeformat(true) round(-1) "
    "round(method='ceil') round(1,'common') replace(@,@,count=1) map(@)|list escape attr('a') "
    "attr('items') map('attr','a')|list select|first reject|join first|default(@) last|d(@)"
).split()
TESTS = (
    "defined undefined none string number integer float boolean mapping sequence iterable true false "
    "odd even upper lower in(@) eq(@) ne(@) gt(@) lt(@) divisibleby(@) sameas(@) callable escaped "
    "ge(@) le(@) equalto(@) greaterthan(@) lessthan(@) filter test sameas none|string defined"
).split()
BINARY = "+ - * / // % ** ~ == != < <= > >= and or in".split() + ["not in"]


def fill(text, depth):
    return re.sub("@", lambda _: expression(depth - 1), text)


def expression(depth):
    if depth <= 0 or rng.random() < 0.1:
        return rng.choice(NAMES if rng.random() < 0.55 else LITERALS)
    kind = rng.randrange(18)
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
    if kind == 12:
        return f"({inner()} if {inner()} else {inner()})"
    if kind == 13:
        return f"({inner()} if {inner()})"
    if kind == 14:
        chain = rng.choice(["{} < {} <= {}", "{} == {} != {}", "{} in {} == {}", "not {} and {} or {}", "{} > {} < {}"])
        return "(" + chain.format(inner(), inner(), inner()) + ")"
    if kind == 15:
        return rng.choice(["-", "+", "not ", "- -"]) + f"({inner()})"
    if kind == 16:
        # Unparenthesized: what binds how tightly.
        parts = [rng.choice(["-", "", "", "not ", ""]) + expression(0)]
        for _ in range(rng.randrange(1, 4)):
            parts += [rng.choice([*BINARY, "is defined", "|string ~", "is string and", "|length +"]), expression(0)]
        return "(" + " ".join(part if part != "is defined" else "is defined or" for part in parts) + ")"
    return formatted(inner)


SPECS = (
    "% %% %s %r %d %i %5d %-5d| %05d %+d %x %X %o %c %e %E %f %.2f %8.3f %g %G %.3g %10s %-10s| %.2s "
    "%5.1f %#x %#o %a %% %(a)s %(a)05.1f %*d %u {} {0} {1} {a} {!r} {!s} {:>8} {:<8}| {:^8} {:*^9} {:05} "
    "{:+} {:,} {:_} {:.2f} {:.3} {:e} {:g} {:%} {:x} {:#x} {:b} {:d} {:c} {:s} {:n} {{}} {0[a]} {0.a} "
    "{0[0]} {:{}} {:=+6} {: } {:08.3f} {:,.2f} {:z.1f} {:#.3g} {:a<5}"
).split()


def formatted(inner):
    text = "".join(rng.choice(SPECS) + rng.choice(["", " ", "-"]) for _ in range(rng.randrange(1, 3)))
    if "%" in text and rng.random() < 0.8:
        operand = rng.choice([f"{inner()}", f"({inner()},)", f"({inner()}, {inner()})", f"{{'a': {inner()}}}"])
        return f"('{text}' % {operand})"
    arguments = rng.choice([f"{inner()}", f"{inner()}, {inner()}", f"a={inner()}", f"{inner()}, a={inner()}"])
    return rng.choice([f"'{text}'.format({arguments})", f"('{text}'|format({arguments}))"])


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
    kind = rng.randrange(22) if depth > 0 else 0
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
    if kind == 11:
        return (
            tag("macro g(a, b='z', c=a)") + body(depth)
            + rng.choice(["{{ varargs }}", "{{ kwargs }}", "{{ caller() }}", "{{ caller(a) if caller }}", ""])
            + "{{ a }},{{ b }},{{ c }}" + tag("endmacro")
            + rng.choice(["{{ g(1, 2, 3, 4) }}", "{{ g(b=n) }}", "{{ g(s, q=1) }}", "{{ g(*l) }}", "{{ g(**d) }}", "{{ g.name }}{{ g.arguments }}"])
        )
    if kind == 12:
        return tag("macro h(a)") + "<{{ caller(a, 2) }}>" + tag("endmacro") + tag(f"call(p, q=7) h({expression(1)})") + "{{ p }}{{ q }}" + body(depth) + tag("endcall")
    if kind == 13:
        return (
            tag("for i in [{'v': 1, 'c': [{'v': 2, 'c': []}, {'v': n}]}] recursive")
            + "{{ loop.depth }}{{ loop.depth0 }}{{ i.v }}" + blank() + "{{ loop(i.c) if i.c }}" + blank() + tag("endfor")
        )
    if kind == 14:
        return tag(f"filter {fill(rng.choice(FILTERS), 1).split('|')[0]}") + body(depth) + tag("endfilter")
    if kind == 15:
        return tag(f"set {name} | {rng.choice(['trim', 'upper', 'length', 'indent(2)', 'tojson'])}") + body(depth) + tag("endset") + "{{ " + name + " }}"
    if kind == 16:
        return tag("set a, b = " + rng.choice(["1, 2", "l[:2]", "'xy'", "(n, s)", expression(1)])) + "{{ a }}{{ b }}"
    if kind == 17:
        return tag("for k, v in " + rng.choice(["d.items()", "d|dictsort", "o.items()", "[(1, 2)]", "m", "o|items"])) + "{{ k }}={{ v }}" + "{{ loop.index0 }}{{ loop.revindex }}{{ loop.first }}{{ loop.nextitem }}{{ loop.changed(v) }}{{ loop.cycle('a', 'b') }}" + tag("endfor")
    if kind == 18:
        return tag("set ns = namespace(a=" + expression(1) + ", l=[])") + tag("for i in " + rng.choice(["l", "m", "'abc'", "d"])) + tag("set ns.a = " + rng.choice(["i", "ns.a ~ i", expression(1)])) + tag("set ns.l = ns.l + [i]") + body(depth) + tag("endfor") + "{{ ns.a }}{{ ns.l }}"
    if kind == 19:
        return tag("generation") + body(depth) + tag("endgeneration")
    if kind == 20:
        return tag(f"if {expression(1)}") + body(depth) + tag(f"elif {expression(1)}") + body(depth) + tag("endif")
    return rng.choice([
        "{{ dict(a=1, **d) }}", "{{ dict(l|batch(2)|list|select('sameas', 1)) }}", "{{ range(5, 0, -2)|list }}{{ range(3) }}",
        tag("set c = cycler(1, 'b')") + "{{ c.next() }}{{ c.current }}{{ c.next() }}{{ c.next() }}{{ c.reset() }}",
        tag("set j = joiner('|')") + "{{ j() }}a{{ j() }}b",
        "{{ strftime_now('%Y-%m-%d %H:%M %j %a %b') }}", tag("block p") + "{{ n }}" + tag("endblock"),
        "{{- '' }}\n", "{{ '\n' -}}\n x", "{#- a\n -#}\n", "{% raw -%}\n {% x %} {%- endraw %}\n",
        "{# c #}", "{#- c -#}", "{% raw %} {{ x }} {% endraw %}", tag("set ns = namespace(a=1)") + tag("set ns.a = n") + "{{ ns.a }}",
    ])


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
