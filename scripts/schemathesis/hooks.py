"""What schemathesis cannot know: which ids are real, how to come back in, and what no answer may be."""

import json
import os
import random
import zlib
from pathlib import Path

import requests
import schemathesis

CAST = json.loads(Path(os.environ["FUZZ_CAST"]).read_text())
POOLS = CAST["pools"]
HOSTILE = [text for group in json.loads((Path(__file__).parents[2] / "web/tests/hostile.json").read_text()).values() for text in group]
AGAIN = CAST["again"]

# Ids that answers told, by the address they belong below: whatever is new here needs no line above.
LEARNT = {}
KEPT = 30

# Parts of an address that are no ids: anything may stand there.
WORDS = ("emoji", "secret", "slug")

# What was ever done and not refused.
done = set()

session = {"token": CAST["token"], "times": 0}
ME = requests.get(f"{CAST['url']}/api/v1/me", headers={"Authorization": f"Bearer {CAST['token']}"}, timeout=20).json()["id"]


def chance(case, salt=""):
    """The same for the same question each time, so that a failure can be found again."""
    said = repr((case.operation.label, case.path_parameters, case.query, case.body, salt))
    return random.Random(zlib.crc32(said.encode("utf-8", "surrogatepass")))


def come_in():
    body = {k: v.replace("{n}", str(session["times"])) if isinstance(v, str) else v for k, v in AGAIN["body"].items()}
    session["times"] += 1
    answer = requests.post(f"{CAST['url']}/api/v1{AGAIN['path']}", json=body, timeout=20)
    # All that follows would be asked by nobody, and find nothing.
    assert answer.status_code == 201, f"kept out for good: {answer.status_code} {answer.text}"
    return answer.json()["token"]


def known(name, below):
    return POOLS.get(name, []) + LEARNT.get(below, [])


def real(case):
    """Addresses of things that are there, three times of four."""
    parts = case.operation.path.split("/")
    for name, value in (case.path_parameters or {}).items():
        below = "/".join(parts[: parts.index("{" + name + "}")]) if "{" + name + "}" in parts else ""
        pool = known(name, below)
        if name == "user" and case.method != "GET":
            # Whoever demotes or erases themselves asks the rest as somebody else.
            pool = [user for user in pool if user != ME]
        dice = chance(case, name)
        # What is meant to be no id stays none.
        if pool and (name in WORDS or str(value).isalnum()) and dice.random() < 0.75:
            case.path_parameters[name] = dice.choice(pool)


def filled(value, dice):
    """Ids in a body that are real, and now and then a text made to become code."""
    if isinstance(value, list):
        return [filled(item, dice) for item in value]
    if not isinstance(value, dict):
        return value
    out = {}
    for name, item in value.items():
        singular = {"users": "user", "rooms": "room", "to": "user", "reply": "seq", "read": "seq", "id": ""}.get(name, name)
        pool = POOLS.get(singular)
        if pool and dice.random() < 0.7:
            if isinstance(item, type(pool[0])) and not isinstance(item, bool):
                item = dice.choice(pool)
            elif isinstance(item, list):
                item = [dice.choice(pool) if isinstance(it, type(pool[0])) else it for it in item]
        elif isinstance(item, str) and dice.random() < 0.2:
            item = dice.choice(HOSTILE)
        out[name] = filled(item, dice)
    return out


@schemathesis.hook
def before_call(ctx, case, kwargs):
    real(case)
    if isinstance(case.body, (dict, list)):
        case.body = filled(case.body, chance(case))
    if case.operation.path == "/api/v1/password" and isinstance(case.body, dict) and "new" in case.body:
        # Another password, and nobody could come back in.
        case.body["new"] = POOLS["password"][0]
    if isinstance(case.query, dict):
        case.query = filled(case.query, chance(case, "query"))


@schemathesis.auth(refresh_interval=None)
class Token:
    """Through schemathesis's own door, so that it can also ask without one, or with a wrong one."""

    def get(self, case, ctx):
        return session["token"]

    def set(self, case, data, ctx):
        case.headers = {**(case.headers or {}), "Authorization": f"Bearer {data}"}


@schemathesis.hook
def after_call(ctx, case, response):
    try:
        said = json.loads(response.content) if response.content else None
    except ValueError:
        said = None
    if response.status_code == 401 and isinstance(said, dict) and said.get("code") == "not_signed_in":
        token = {"Authorization": f"Bearer {session['token']}"}
        if requests.get(f"{CAST['url']}/api/v1/me", headers=token, timeout=20).status_code == 401:
            session["token"] = come_in()
    if response.status_code < 300:
        if case.operation.label not in done:
            done.add(case.operation.label)
            Path(CAST["done"]).write_text(json.dumps(sorted(done)))
        for item in said if isinstance(said, list) else [said]:
            # A program's id is that of whom it speaks as.
            told = item.get("id") or (item.get("user") or {}).get("id") if isinstance(item, dict) and not isinstance(item.get("user"), str) else None
            if isinstance(told, (str, int)):
                pool = LEARNT.setdefault(case.operation.path, [])
                if told not in pool:
                    pool.append(told)
                    del pool[:-KEPT]


@schemathesis.serializer("application/x-tar")
def archive(ctx, value):
    """Hardly ever one."""
    return {"data": value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")}


@schemathesis.check
def data_is_not_a_page(ctx, response, case):
    """Whatever was typed comes back as data."""
    headers = {name.lower(): value for name, value in response.headers.items()}
    kind = (headers.get("content-type") or [""])[0]
    assert headers.get("x-content-type-options") == ["nosniff"], "an answer without nosniff"
    assert "html" not in kind and "svg" not in kind and "javascript" not in kind, f"an answer that is {kind}"
