"""Renders chat templates with Jinja2, set up as transformers does it: what ours is compared with.

Reads {templates, chats, variables, tools, now} as JSON, writes a list of texts in that order of
loops. A template that raises gives null.
"""

import datetime
import json
import sys

from jinja2.ext import loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment

given = json.load(sys.stdin)
now = datetime.datetime(*given["now"])


def raise_exception(reason):
    raise ValueError(reason)


def tojson(value, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(
        value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys
    )


def shape(messages):
    """Messages as transformers takes them; calls and their answers numbered in order."""
    shaped, open_calls, count = [], [], 0
    for message in messages:
        item = {key: message[key] for key in ("role", "content", "name") if key in message}
        if "reasoning" in message:
            item["reasoning_content"] = item["thinking"] = message["reasoning"]
        calls = []
        for call in message.get("toolCalls", []):
            calls.append({"type": "function", "id": f"call{count:05}", "function": call})
            open_calls.append(f"call{count:05}")
            count += 1
        if calls:
            item["tool_calls"] = calls
        if message["role"] == "tool":
            item["tool_call_id"] = open_calls.pop(0)
        shaped.append(item)
    return shaped


environment = ImmutableSandboxedEnvironment(
    trim_blocks=True, lstrip_blocks=True, extensions=[loopcontrols]
)
environment.filters["tojson"] = tojson
environment.globals["raise_exception"] = raise_exception
environment.globals["strftime_now"] = now.strftime

texts = []
for template in given["templates"]:
    compiled = environment.from_string(template)
    for messages in given["chats"]:
        for variables in given["variables"]:
            for tools in (None, given["tools"]):
                try:
                    text = compiled.render(messages=shape(messages), tools=tools, **variables)
                except Exception:
                    text = None
                texts.append(text)
json.dump(texts, sys.stdout)
