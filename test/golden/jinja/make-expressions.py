"""Writes expressions.json: small templates and what Jinja2 makes of them, set up as transformers does.

Run it with Jinja2 3.1: python3 test/golden/jinja/make-expressions.py
Each line of templates.txt is a template as a JSON string. A template that raises gives null.
"""

import json
import pathlib

from environment import environment

here = pathlib.Path(__file__).parent
variables = json.loads((here / "variables.json").read_text())
cases = []
for line in (here / "templates.txt").read_text().splitlines():
    template = json.loads(line)
    try:
        text = environment().from_string(template).render(**variables)
    except Exception:
        text = None
    cases.append({"template": template, "text": text})
lines = ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases)
(here / "expressions.json").write_text(f"[\n{lines}\n]\n")
