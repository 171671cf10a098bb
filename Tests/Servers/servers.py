"""Real servers, each with the truth that it was configured with: what a probe has to find, and within which bounds.

A server is started in a folder of its own, on a free port of loopback, with short limits. One whose program is not
installed is left out with a word.
"""

import contextlib
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import time

PATH = os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin:/usr/local/go/bin"


def which(name):
    return shutil.which(name, path=PATH)


class Truth:
    """`idle`: seconds from and to; the other bounds are exact. A field that is None must not be found."""

    def __init__(self, idle=None, requests=None, hint=None, asking=None, keeps=True, most=None, closes="fin", tls=False):
        self.idle, self.requests, self.hint, self.asking = idle, requests, hint, asking
        self.keeps, self.most, self.closes, self.tls = keeps, most, closes, tls


class Server:
    """`write(folder, port)` returns the command that serves there, in the foreground."""

    def __init__(self, name, needs, configured, truth, write, wait="8s"):
        self.name, self.needs, self.configured, self.truth, self.write = name, needs, configured, truth, write
        self.wait = wait

    def missing(self):
        for need in self.needs:
            if need.startswith("python:"):
                if importlib.util.find_spec(need[7:]) is None:
                    return need[7:]
            elif which(need) is None:
                return need
        return None

    @contextlib.contextmanager
    def running(self, folder):
        os.makedirs(folder)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        command = self.write(folder, port)
        log = open(os.path.join(folder, "log"), "wb")
        env = dict(os.environ, PATH=PATH, HOME=folder, GOCACHE=os.path.join(os.path.dirname(folder), "go-cache"))
        process = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env, start_new_session=True)
        try:
            self.await_port(process, port, folder)
            yield ("https://localhost:%d/" if self.truth.tls else "http://127.0.0.1:%d/") % port
        finally:
            # It and its workers are a process group of their own.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            log.close()

    def await_port(self, process, port, folder):
        for _ in range(600):
            if process.poll() is not None:
                break
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                return
            time.sleep(0.1)
        with open(os.path.join(folder, "log"), errors="replace") as log:
            raise SystemExit("%s does not start:\n%s" % (self.name, log.read()[-2000:]))


def put(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w") as file:
        file.write(text)
    return path


def nginx(directives, listen=""):
    def write(folder, port):
        tls = ""
        if listen:
            subprocess.run(
                ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                 "-keyout", folder + "/key.pem", "-out", folder + "/cert.pem", "-days", "2", "-subj", "/CN=localhost",
                 "-addext", "subjectAltName=DNS:localhost"], check=True, capture_output=True)
            tls = "ssl_certificate %s/cert.pem; ssl_certificate_key %s/key.pem;" % (folder, folder)
        config = put(folder, "nginx.conf", """
            daemon off; pid %(folder)s/pid; error_log stderr; worker_processes 1;
            events { worker_connections 1024; }
            http { access_log off; client_body_temp_path %(folder)s/a; proxy_temp_path %(folder)s/b;
              fastcgi_temp_path %(folder)s/c; uwsgi_temp_path %(folder)s/d; scgi_temp_path %(folder)s/e;
              server { listen 127.0.0.1:%(port)d %(listen)s; %(tls)s %(directives)s
                location / { return 200 "hello"; } } }
            """ % {"folder": folder, "port": port, "listen": listen, "tls": tls, "directives": directives})
        return [which("nginx"), "-c", config, "-p", folder, "-e", "stderr"]
    return write


def apache(directives):
    def write(folder, port):
        modules = "/usr/lib/apache2/modules"
        put(folder, "index.html", "hello")
        config = put(folder, "apache.conf", """
            ServerRoot %(folder)s
            ServerName localhost
            PidFile %(folder)s/pid
            Listen 127.0.0.1:%(port)d
            LoadModule mpm_event_module %(modules)s/mod_mpm_event.so
            LoadModule authz_core_module %(modules)s/mod_authz_core.so
            LoadModule dir_module %(modules)s/mod_dir.so
            DirectoryIndex index.html
            DocumentRoot %(folder)s
            ErrorLog %(folder)s/error
            User www-data
            Group www-data
            # Where all its threads are busy, it ends idle connections early.
            ServerLimit 4
            StartServers 4
            ThreadsPerChild 64
            MaxRequestWorkers 256
            %(directives)s
            """ % {"folder": folder, "port": port, "modules": modules, "directives": directives})
        os.chmod(folder, 0o755)
        return [which("apache2"), "-f", config, "-DFOREGROUND"]
    return write


def lighttpd(directives):
    def write(folder, port):
        put(folder, "index.html", "hello")
        config = put(folder, "lighttpd.conf", """
            server.document-root = "%s"
            server.port = %d
            server.bind = "127.0.0.1"
            index-file.names = ( "index.html" )
            %s
            """ % (folder, port, directives))
        return [which("lighttpd"), "-D", "-f", config]
    return write


def haproxy(directives):
    def write(folder, port):
        config = put(folder, "haproxy.cfg", """
global
    maxconn 1000
defaults
    mode http
    timeout client 30s
    timeout connect 1s
    timeout server 30s
%s
frontend f
    bind 127.0.0.1:%d
    http-request return status 200 content-type text/plain string hello
""" % (directives, port))
        return [which("haproxy"), "-db", "-f", config]
    return write


def node(options):
    def write(folder, port):
        return [which("node"), "-e", """
            const s = require('http').createServer((q, r) => { q.resume(); r.end('hello') });
            %s; s.listen(%d, '127.0.0.1')""" % (options, port)]
    return write


def java(*options):
    def write(folder, port):
        source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "Server.java")
        return [which("java"), "-Xshare:auto", "-XX:TieredStopAtLevel=1", *options, source, str(port)]
    return write


def python(code):
    def write(folder, port):
        return [sys.executable, "-c", code.replace("PORT", str(port))]
    return write


HTTP_SERVER = """
import http.server
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "%s"
    timeout = 2
    def do_GET(self):
        self.send_response(200); self.send_header("Content-Length", "5"); self.end_headers(); self.wfile.write(b"hello")
    do_POST = do_GET
    def log_message(self, *_): pass
class Server(http.server.ThreadingHTTPServer): request_queue_size = 512
Server(("127.0.0.1", PORT), Handler).serve_forever()
"""

AIOHTTP = """
from aiohttp import web
async def hello(request): return web.Response(text="hello")
app = web.Application(); app.router.add_route("*", "/", hello)
web.run_app(app, host="127.0.0.1", port=PORT, keepalive_timeout=2, access_log=None)
"""

ASGI = """
async def app(scope, receive, send):
    if scope["type"] != "http": return
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})
    await send({"type": "http.response.body", "body": b"hello"})
"""

WSGI = """
def app(environ, start):
    start("200 OK", [("Content-Length", "5")]); return [b"hello"]
"""


def uvicorn(folder, port):
    put(folder, "served.py", ASGI)
    return [sys.executable, "-m", "uvicorn", "served:app", "--app-dir", folder, "--port", str(port), "--no-access-log",
            "--timeout-keep-alive", "2"]


def gunicorn(*options):
    def write(folder, port):
        put(folder, "served.py", WSGI)
        return [sys.executable, "-m", "gunicorn", "served:app", "--chdir", folder, "-b", "127.0.0.1:%d" % port, *options]
    return write


def caddy(folder, port):
    config = put(folder, "Caddyfile", """{
    admin off
    auto_https off
    servers {
        timeouts {
            idle 2s
        }
    }
}
http://127.0.0.1:%d {
    respond "hello"
}
""" % port)
    return [which("caddy"), "run", "--config", config, "--adapter", "caddyfile"]


def go(folder, port):
    put(folder, "main.go", """package main
import ("io"; "net/http"; "time")
func main() {
    s := &http.Server{Addr: "127.0.0.1:%d", IdleTimeout: 2 * time.Second,
        Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "hello") })}
    panic(s.ListenAndServe())
}
""" % port)
    return [which("go"), "run", "main.go"]


IDLE = "sun.net.httpserver.idleInterval"
TICK = "sun.net.httpserver.clockTick"

ALL = [
    Server("nginx", ["nginx"], "keepalive_timeout 2s; keepalive_requests 50",
           Truth((1.9, 2.2), requests=50), nginx("keepalive_timeout 2s; keepalive_requests 50;")),
    Server("nginx, a false hint", ["nginx"], "keepalive_timeout 2s 5s", Truth((1.9, 2.2), hint=5, asking=False, requests=1000),
           nginx("keepalive_timeout 2s 5s;")),
    Server("nginx, TLS", ["nginx", "openssl"], "keepalive_timeout 2s", Truth((1.9, 2.2), requests=1000, closes="closeNotify", tls=True),
           nginx("keepalive_timeout 2s;", "ssl")),
    Server("Apache", ["apache2"], "KeepAliveTimeout 2; MaxKeepAliveRequests 20",
           # It counts from the second request on, as lighttpd does.
           Truth((1.9, 3.2), requests=21, hint=2, asking=True),
           apache("KeepAliveTimeout 2\nMaxKeepAliveRequests 20")),
    Server("lighttpd", ["lighttpd"], "max-keep-alive-idle 2; max-keep-alive-requests 30",
           Truth((1.9, 3.7), requests=31),
           lighttpd("server.max-keep-alive-idle = 2\nserver.max-keep-alive-requests = 30")),
    Server("HAProxy", ["haproxy"], "timeout http-keep-alive 2s", Truth((1.9, 2.2)),
           haproxy("    timeout http-keep-alive 2s")),
    Server("Node", ["node"], "keepAliveTimeout 2000; maxRequestsPerSocket 25",
           Truth((1.9, 3.7), requests=25, hint=2, asking=False),
           node("s.keepAliveTimeout = 2000; s.maxRequestsPerSocket = 25")),
    Server("Java", ["java"], "idleInterval 3; clockTick 1000", Truth((2.9, 4.2)),
           java("-D%s=3" % IDLE, "-D%s=1000" % TICK)),
    Server("Java, a slow sweep", ["java"], "idleInterval 4; clockTick 7000", Truth((3.9, 5.2)),
           java("-D%s=4" % IDLE, "-D%s=7000" % TICK), wait="25s"),
    Server("Java, few idle ones", ["java"], "idleInterval 5; clockTick 500; maxIdleConnections 4",
           Truth((4.9, 5.7), most=4),
           java("-D%s=5" % IDLE, "-D%s=500" % TICK, "-Dsun.net.httpserver.maxIdleConnections=4"), wait="25s"),
    Server("Python http.server", [], "HTTP/1.1; timeout 2", Truth((1.9, 2.2)), python(HTTP_SERVER % "HTTP/1.1")),
    Server("Python http.server, as it is", [], "HTTP/1.0", Truth(keeps=False), python(HTTP_SERVER % "HTTP/1.0")),
    Server("uvicorn", ["python:uvicorn"], "--timeout-keep-alive 2", Truth((1.9, 2.2)), uvicorn),
    Server("aiohttp", ["python:aiohttp"], "keepalive_timeout 2", Truth((1.9, 3.2)), python(AIOHTTP)),
    Server("gunicorn, threads", ["python:gunicorn"], "--keep-alive 2; --threads 8", Truth((1.9, 3.4)),
           gunicorn("--keep-alive", "2", "--threads", "8")),
    Server("gunicorn, sync", ["python:gunicorn"], "as it is", Truth(keeps=False), gunicorn()),
    Server("Caddy", ["caddy"], "timeouts { idle 2s }", Truth((1.9, 2.2)), caddy),
    Server("Go", ["go"], "IdleTimeout 2 s", Truth((1.9, 2.2)), go),
]
