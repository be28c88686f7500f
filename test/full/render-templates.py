"""Renders chat templates with Jinja2, set up as transformers does it: what ours is compared with.

Reads {templates, chats, variables, tools, raw, now} as JSON, writes a list of texts in that order of
loops; `raw` are variables as they are. A template that raises gives null.
"""

import datetime
import json
import pathlib
import sys

sys.path.append(str(pathlib.Path(__file__).parent.parent / "golden" / "jinja"))
from environment import environment  # noqa: E402

given = json.load(sys.stdin)
now = datetime.datetime(*given["now"])


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


def rendered(compiled, variables):
    try:
        return compiled.render(**variables)
    except Exception:
        return None


made = environment(now)
texts = []
for template in given["templates"]:
    compiled = made.from_string(template)
    for messages in given["chats"]:
        for variables in given["variables"]:
            for tools in (None, given["tools"]):
                texts.append(rendered(compiled, {"messages": shape(messages), "tools": tools, **variables}))
    for variables in given["raw"]:
        texts.append(rendered(compiled, variables))
json.dump(texts, sys.stdout)
