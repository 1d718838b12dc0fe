"""Asks every operation of the description everything, as three people.

For each of them a server of its own: what the owner breaks, the guest does not meet. Each starts with the same people,
rooms and messages, so that the addresses asked for are real ones often. The order and the questions are the same each
time; `SEED` takes others.
"""

import base64
import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
PASSWORD = "a long enough one, really"

# The smallest picture there is.
PIXEL = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEElEQVR4nGPwdzsBRAwQCgAkVgV1v8AfKQAAAABJRU5ErkJggg==")

# Of things that are gone once they were asked to go.
SPARE = 6

# As whom, and how many operations must have been done at least once. A test that is refused everywhere tests refusals.
LEAST = {"owner": 115, "member": 80, "guest": 35}

ALL = {
    f"{method.upper()} {path}"
    for path, methods in json.loads((ROOT / "docs/api.json").read_text())["paths"].items()
    for method in methods
}


def free_port():
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Person:
    def __init__(self, url, token=None):
        self.url, self.token = url, token

    def ask(self, method, path, body=None, raw=None):
        headers = {"content-type": "application/json"} if body is not None else {}
        if self.token:
            headers["authorization"] = f"Bearer {self.token}"
        data = raw if raw is not None else json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(f"{self.url}/api/v1{path}", data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                text = answer.read()
                return json.loads(text) if text else None
        except urllib.error.HTTPError as refused:
            sys.exit(f"setting up: {method} {path} answers {refused.code}: {refused.read().decode()}")


class Server:
    """A chatter in memory, with the rates out of the way."""

    def __init__(self, binary, folder):
        self.url = f"http://127.0.0.1:{(port := free_port())}"
        lifted = [name for name in helped(binary) if name.startswith("--limit-")]
        # What a tester's own environment says is not meant for this server.
        env = {k: v for k, v in os.environ.items() if not k.startswith("CHATTER_") and k not in ("DATABASE_URL", "PORT")}
        self.log = open(Path(folder) / "server.log", "w+b")
        self.process = subprocess.Popen(
            [binary, "serve", "--port", str(port), "--data", folder, "--database-url", "memory:", "--outbound", "off"]
            + [word for name in lifted for word in (name, "0")],
            env=env, stdout=self.log, stderr=subprocess.STDOUT,
        )
        for _ in range(400):
            if self.process.poll() is not None:
                sys.exit("the server ended:\n" + self.said())
            with contextlib.suppress(OSError):
                urllib.request.urlopen(self.url + "/health/ready", timeout=2).close()
                return
            time.sleep(0.05)
        sys.exit("the server did not start:\n" + self.said())

    def said(self):
        self.log.flush()
        return Path(self.log.name).read_text(errors="replace")

    def end(self):
        self.process.terminate()
        self.process.wait(20)


def helped(binary):
    """The flags there are, so that a new rate is lifted as well."""
    told = subprocess.run([binary, "serve", "--help"], capture_output=True, text=True, check=True).stdout
    return [word.strip() for line in told.splitlines() for word in line.split() if word.startswith("--")]


def cast(url):
    """Alice, who owns it, bob, and gus, a guest; and things for them to ask about. Ids by the names of parameters."""
    nobody = Person(url)
    nobody.ask("POST", "/setup", {"server_name": "Den", "name": "Alice", "handle": "alice", "password": PASSWORD, "guests": True})
    sign_in = {"path": "/sessions", "body": {"handle": "alice", "password": PASSWORD, "token": True}}
    signed = nobody.ask("POST", sign_in["path"], sign_in["body"])
    alice = Person(url, signed["token"])
    invite = alice.ask("POST", "/invites", {})
    people = {"alice": (alice, signed)}
    for handle in ("bob", "carol"):
        body = {"invite": invite["secret"], "name": handle, "handle": handle, "password": PASSWORD, "token": True}
        signed = nobody.ask("POST", "/register", body)
        people[handle] = (Person(url, signed["token"]), signed)
    signed = nobody.ask("POST", "/guests", {"name": "Gus", "token": True})
    people["gus"] = (Person(url, signed["token"]), signed)
    ids = {name: signed["me"]["id"] for name, (_, signed) in people.items()}
    bob = people["bob"][0]

    lobby = alice.ask("GET", "/rooms")[0]["id"]
    den = alice.ask("POST", "/rooms", {"name": "den", "kind": "closed", "topic": "quiet"})
    alice.ask("PUT", f"/rooms/{den['id']}/members/{ids['bob']}", {"role": "moderator"})
    kitchen = bob.ask("POST", "/rooms", {"name": "kitchen", "kind": "open"})
    direct = bob.ask("POST", "/directs", {"users": [ids["alice"], ids["carol"]]})
    files, polls, said = [], [], {}
    pictures = [alice.ask("POST", f"/emoji?name=party{n}", raw=PIXEL)["id"] for n in range(SPARE)]
    alice.ask("PUT", "/me/avatar", raw=PIXEL)
    for room in (lobby, den["id"], kitchen["id"]):
        place = f"/rooms/{room}/messages"
        author = bob if room == kitchen["id"] else alice
        text = "hello **{}** @bob #kitchen :x: https://example.org/"
        said[room] = [author.ask("POST", place, {"key": f"k{n}", "text": text.format(n)})["seq"] for n in range(SPARE)]
        first = author.ask("POST", place, {"key": "first", "text": "first"})["seq"]
        author.ask("POST", place, {"key": "reply", "text": "reply", "reply": first})
        author.ask("POST", place, {"key": "thread", "text": "thread", "thread": first})
        for n in range(SPARE):
            poll = {"options": ["one", "two", "three"], "multiple": True}
            polls.append(author.ask("POST", place, {"key": f"poll{n}", "text": "poll", "poll": poll})["seq"])
        file = author.ask("POST", "/files?name=plan.txt", raw=b"the plan")
        author.ask("POST", place, {"key": "file", "text": "", "files": [{"file": file["id"], "alt": "a plan"}]})
        author.ask("PATCH", f"{place}/{first}", {"text": "first, again"})
        author.ask("PUT", f"{place}/{first}/reactions/%F0%9F%91%8D")
        author.ask("PUT", f"/rooms/{room}/pins/{first}")
        files.append(file["id"])
    uploads = [bob.ask("POST", "/uploads", {"name": "film.mp4", "size": 9})["id"] for _ in range(2)]
    sections = alice.ask("PUT", "/me/sections", {"sections": [{"name": "mine", "rooms": [den["id"]]}]})
    tomorrow = int(time.time() * 1000) + 86_400_000
    kept = {name: [] for name in ("announcement", "ban", "filter", "hold", "bot", "token", "group", "reminder", "scheduled", "report", "link")}
    secrets = [invite["secret"]]
    for n in range(SPARE):
        made = {
            "announcement": (alice, "/admin/announcements", {"text": "hello", "kind": "banner", "audience": {"to": "everyone"}, "schedule": {"when": "once", "at": tomorrow}}),
            "ban": (alice, "/admin/bans", {"network": f"2001:db8:{n}::/48", "reason": "noise"}),
            "filter": (alice, "/admin/filters", {"kind": "word", "pattern": f"spam{n}", "action": "report"}),
            "bot": (alice, "/bots", {"name": f"Bot {n}", "handle": f"bot{n}"}),
            "group": (alice, "/groups", {"name": f"Group {n}", "handle": f"group{n}"}),
            "reminder": (bob, "/reminders", {"room": lobby, "seq": said[lobby][n], "at": tomorrow, "note": "again"}),
            "scheduled": (bob, f"/rooms/{kitchen['id']}/scheduled", {"key": f"later{n}", "draft": {"text": "later"}, "at": tomorrow}),
            "link": (alice, f"/rooms/{lobby}/guest-links", {}),
        }
        for name, (who, path, body) in made.items():
            told = who.ask("POST", path, body)
            kept[name].append(told["user"]["id"] if name == "bot" else told["id"])
            secrets += [told["secret"]] if told.get("secret") else []
        kept["token"].append(alice.ask("POST", f"/bots/{kept['bot'][0]}/tokens", {"label": f"token {n}"})["id"])
        bob.ask("POST", f"/rooms/{lobby}/messages/{said[lobby][n]}/reports", {"reason": "rude"})
    for held in ({"room": lobby}, {"room": kitchen["id"]}, {"user": ids["bob"]}, {"user": ids["carol"]}):
        kept["hold"].append(alice.ask("POST", "/admin/holds", {**held, "reason": "a case"})["id"])
    kept["report"] = [report["id"] for report in alice.ask("GET", "/reports")]
    pools = {
        **kept,
        "room": [lobby, den["id"], kitchen["id"], direct["id"]],
        "slug": ["den", "kitchen", "lobby"],
        "user": list(ids.values()),
        "seq": [*range(1, 20), *polls], "thread": list(range(1, 20)), "option": [0, 1, 2],
        "session": [signed["session"] for _, signed in people.values()],
        "invite": [invite["id"]], "secret": secrets,
        "file": files, "upload": uploads, "emoji": ["👍", "🎉", *pictures], "section": [s["id"] for s in sections],
    }
    # Not ids, but what fields by these names want; made up, hardly anything would be taken.
    words = {
        "handle": [f"person{n}" for n in range(40)], "name": [f"name {n}" for n in range(40)], "password": [PASSWORD], "current": [PASSWORD],
        "key": [f"key-{n}" for n in range(40)], "at": [tomorrow, 2 * tomorrow], "until": [tomorrow], "ends_at": [tomorrow], "starts_at": [tomorrow],
        "network": ["203.0.113.0/24", "2001:db8::/32"], "pattern": ["spam", "^a+$"], "time_zone": ["Europe/Berlin"],
        "message_days": [30, 400], "expires_in": [3600], "max_uses": [3], "size": [9, 1000], "options": ["one", "two", "three"],
        "words": ["kestrel", "release"], "presence_until": [tomorrow], "q": ["hello", "from:@bob", "has:poll"], "days": [30], "lasts": [60_000],
    }
    owner = {"token": alice.token, "again": sign_in}
    member = {"token": bob.token, "again": {"path": "/sessions", "body": {"handle": "bob", "password": PASSWORD, "token": True}}}
    guest = {"token": people["gus"][0].token, "again": {"path": "/guests", "body": {"name": "Gus {n}", "token": True}}}
    return {**pools, **words}, {"owner": owner, "member": member, "guest": guest}


def start(role, binary, folder):
    """A server, and the tester that talks to it as `role`."""
    server = Server(binary, folder)
    pools, roles = cast(server.url)
    told = Path(folder) / "cast.json"
    told.write_text(json.dumps({"url": server.url, "pools": pools, "done": str(Path(folder) / "done.json"), **roles[role]}))
    env = {**os.environ, "SCHEMATHESIS_HOOKS": "hooks", "FUZZ_CAST": str(told), "PYTHONPATH": str(HERE), "PYTHONDONTWRITEBYTECODE": "1"}
    said = open(Path(folder) / "tester.log", "wb")
    command = [
        str(Path(sys.executable).parent / "schemathesis"), "--config-file", str(HERE / "schemathesis.toml"),
        "run", str(ROOT / "docs/api.json"), "--url", server.url, "--seed", os.environ.get("SEED", "1"), *sys.argv[2:],
    ]
    # In a folder of its own: what it remembers of an earlier run would make this one another.
    tester = subprocess.Popen(command, cwd=folder, env=env, stdout=said, stderr=subprocess.STDOUT)
    return server, tester, Path(said.name)


def verdict(role, server, tester, said):
    """What is wrong, in words; nothing when all is well."""
    code = tester.wait()
    log = server.said()
    wrong = [line for line in log.splitlines() if " ERROR " in line or "panicked" in line]
    if server.process.poll() is not None:
        wrong.append("the server ended:\n" + log[-2000:])
    if code:
        wrong.insert(0, said.read_text(errors="replace"))
    done = set(json.loads((said.parent / "done.json").read_text()))
    print(f"== {role}: {len(done)} of {len(ALL)} operations were done and not just refused")
    if len(done) < LEAST[role]:
        wrong.append(f"that is fewer than {LEAST[role]}, so this tests too little")
    if os.environ.get("SHOW"):
        print(*sorted(ALL - done), sep="\n")
    return wrong


def main():
    binary = os.path.abspath(sys.argv[1])
    failed = False
    with tempfile.TemporaryDirectory(prefix="chatter-fuzz-") as root:
        running = []
        try:
            for role in LEAST:
                folder = os.path.join(root, role)
                os.mkdir(folder)
                running.append((role, *start(role, binary, folder)))
            for role, *of in running:
                if wrong := verdict(role, *of):
                    failed = True
                    print(f"== {role}: FAILED", *wrong, sep="\n")
        finally:
            for _, server, tester, _ in running:
                if tester.poll() is None:
                    tester.terminate()
                server.end()
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
