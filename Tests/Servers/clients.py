"""Clients that carry out the line which a probe advises for them: many requests, each on a connection that was idle for
0.95 of the advised time. None may be lost.

POST is sent, because clients hide a lost GET by sending it again.
"""

import concurrent.futures
import http.client
import importlib.util
import json
import os
import subprocess
import sys
import threading
import time

import servers

HERE = os.path.dirname(os.path.abspath(__file__))


# Debian's packages are there; a checkout may be named in the environment.
NODE = {"NODE_PATH": os.environ.get("NODE_PATH", "") + ":/usr/share/nodejs"}


class Skipped(Exception):
    """The client is not here, or cannot be set to this advice."""


def output(command, folder, **env):
    run = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=300, stdin=subprocess.DEVNULL,
        env=dict(os.environ, PATH=servers.PATH, HOME=folder, **env))
    if run.returncode != 0:
        raise SystemExit("%s failed:\n%s" % (command[0], run.stderr[-2000:]))
    return json.loads(run.stdout.strip().splitlines()[-1])


def need(name):
    if servers.which(name) is None:
        raise Skipped("no %s here" % name)
    return servers.which(name)


def by_node(kind):
    def run(line, url, load, folder):
        program = need("node")
        if kind != "node":
            found = subprocess.run(
                [program, "-e", "require(%s)" % json.dumps(kind)], capture_output=True, env=dict(os.environ, **NODE))
            if found.returncode != 0:
                raise Skipped("no %s here" % kind)
        return output([program, os.path.join(HERE, "client.js"), kind, line, url, *load.arguments], folder, **NODE)
    return run


def go(line, url, load, folder):
    program = need("go")
    if url.startswith("https"):
        raise Skipped("not with this certificate")
    with open(os.path.join(HERE, "client.go.txt")) as text:
        source = text.read().replace("LINE", line)
    servers.put(folder, "client.go", source)
    cache = os.path.join(os.path.dirname(folder), "go-cache")
    return output([program, "run", "client.go", url, *load.arguments], folder, GOCACHE=cache)


def java(line, url, load, folder):
    program = need("java")
    if not line.startswith("-D"):
        raise Skipped(line)
    if url.startswith("https"):
        raise Skipped("not with this certificate")
    return output(
        [program, "-XX:TieredStopAtLevel=1", *line.split(), os.path.join(HERE, "Client.java"), url, *load.arguments],
        folder)


def libcurl(line, url, load, folder):
    if importlib.util.find_spec("pycurl") is None:
        raise Skipped("no pycurl here")
    if not line.startswith("CURLOPT_"):
        raise Skipped(line)
    import pycurl
    options = [part.split("=") for part in line.split(", ")]
    lost, connections = [], []

    def one():
        handle = pycurl.Curl()
        for name, value in options:
            handle.setopt(getattr(pycurl, name[len("CURLOPT_"):]), int(value))
        handle.setopt(pycurl.URL, url)
        handle.setopt(pycurl.POSTFIELDS, "")
        handle.setopt(pycurl.SSL_VERIFYPEER, 0)
        handle.setopt(pycurl.WRITEFUNCTION, lambda _: None)
        for turn in range(load.rounds):
            if turn:
                time.sleep(load.pause / 1000)
            try:
                handle.perform()
                connections.append(handle.getinfo(pycurl.NUM_CONNECTS))
            except pycurl.error as error:
                lost.append(error.args[0])
        handle.close()

    in_parallel(one, load.parallel)
    return {"lost": len(lost), "connections": sum(connections)}


def in_parallel(work, count):
    with concurrent.futures.ThreadPoolExecutor(count) as pool:
        for done in [pool.submit(work) for _ in range(count)]:
            done.result()


def nginx(line, url, load, folder):
    need("nginx")
    if url.startswith("https"):
        raise Skipped("not with this certificate")
    address = url.split("/")[2]
    # A worker keeps 32 idle connections of each upstream.
    count = (load.parallel + 31) // 32
    upstreams = "\n".join("upstream u%d { server %s; %s }" % (i, address, line) for i in range(count))
    places = "\n".join(
        "location /%d { proxy_pass http://u%d/; proxy_http_version 1.1; proxy_set_header Connection ''; "
        "proxy_next_upstream off; }" % (i, i) for i in range(count))

    def write(folder, port):
        config = servers.put(folder, "nginx.conf", """
            daemon off; pid %(folder)s/pid; error_log stderr; worker_processes 1;
            events { worker_connections 2048; }
            http { access_log off; client_body_temp_path %(folder)s/a; proxy_temp_path %(folder)s/b;
              fastcgi_temp_path %(folder)s/c; uwsgi_temp_path %(folder)s/d; scgi_temp_path %(folder)s/e;
              %(upstreams)s server { listen 127.0.0.1:%(port)d; %(places)s } }
            """ % {"folder": folder, "port": port, "upstreams": upstreams, "places": places})
        return [servers.which("nginx"), "-c", config, "-p", folder, "-e", "stderr"]

    lost, number, lock = [], iter(range(load.parallel)), threading.Lock()
    with servers.Server("proxy", ["nginx"], "", servers.Truth(), write).running(os.path.join(folder, "proxy")) as proxy:
        place = proxy.split("/")[2]

        def one():
            with lock:
                mine = next(number) % count
            link = http.client.HTTPConnection(place, timeout=30)
            for turn in range(load.rounds):
                if turn:
                    time.sleep(load.pause / 1000)
                link.request("POST", "/%d" % mine)
                response = link.getresponse()
                response.read()
                if response.status == 502:
                    lost.append(response.status)
            link.close()

        in_parallel(one, load.parallel)
    return {"lost": len(lost), "connections": None}


# By the key of the line in a probe's advice.
ALL = {"node": by_node("node"), "agentkeepalive": by_node("agentkeepalive"), "undici": by_node("undici"), "go": go,
       "java": java, "libcurl": libcurl, "nginx": nginx}
DOCUMENTED = {"dotnet": "by its documentation", "envoy": "by its documentation"}


class Load:
    """So many workers that it takes seconds; each sends a request, pauses, and sends the next."""

    def __init__(self, requests, parallel, pause):
        self.parallel, self.pause = parallel, pause
        self.rounds = -(-requests // parallel) + 1

    @property
    def arguments(self):
        return [str(self.rounds), str(self.parallel), str(int(self.pause))]
