// Shared by the tests of the Node hook: a server that counts, a program with the hook in it, and a viewer.
'use strict';
const { execFileSync, fork } = require('child_process');
const fs = require('fs');
const http = require('http');
const https = require('https');
const net = require('net');
const os = require('os');
const path = require('path');

const HOOK = path.join(__dirname, '../../../Sources/Attach/Node/pooltop-hook.cjs');
const PROTOCOL = 'pooltop.attach/1';
/** Debian installs axios, got and undici here. */
const LIBRARIES = [process.env.NODE_PATH, '/usr/share/nodejs'].filter(Boolean).join(':');

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'pooltop-hook-'));
process.on('exit', () => fs.rmSync(scratch, { recursive: true, force: true }));

/** A path of its own in the scratch directory. */
let names = 0;
const scratchPath = (name) => path.join(scratch, `${(names += 1)}-${name}`);

/** Waits until `condition` gives something true, and returns it. */
async function until(condition, what, milliseconds = 5000) {
  const end = Date.now() + milliseconds;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

let certificate = null;

/** A key and a certificate for 127.0.0.1, made for this run. */
function keyPair() {
  if (certificate === null) {
    const [key, cert] = [scratchPath('key'), scratchPath('cert')];
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', key,
      '-out', cert, '-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost'], { stdio: 'ignore' });
    certificate = { key: fs.readFileSync(key), cert: fs.readFileSync(cert) };
  }
  return certificate;
}

/** The server's answers by path. */
const ANSWERS = {
  '/': (request, response) => response.end('ok'),
  '/slow': (request, response) => setTimeout(() => response.end('ok'), 30),
  '/hold': (request, response, server) => server.held.push(response),
  '/close': (request, response) => response.setHeader('Connection', 'close').end('ok'),
  '/unframed': (request, response) => response.socket.end('HTTP/1.1 200 OK\r\n\r\nok'),
  '/old': (request, response) => response.socket.end('HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok'),
  '/missing': (request, response) => { response.statusCode = 404; response.end('no'); },
  '/reset': (request, response) => response.socket.resetAndDestroy(),
  '/hangup': (request, response) => response.socket.end(),
  '/partial': (request, response) => {
    response.writeHead(200, { 'Content-Length': 10 });
    response.write('12345');
    setTimeout(() => response.socket.end(), 20);
  },
  '/garbage': (request, response) => response.socket.end('HTTP/1.1 2x0 ??\r\n\r\n'),
};

/** Starts a server on a port of its own that counts what it accepts and receives. */
async function startServer({ tls = false, keepAliveTimeout = 60000, hideHint = true, host = '127.0.0.1' } = {}) {
  const server = tls ? https.createServer(keyPair()) : http.createServer();
  Object.assign(server, { keepAliveTimeout, connections: 0, closed: 0, requests: 0, resumed: 0, held: [], byPath: {} });
  const sockets = new Set();
  server.on('connection', (socket) => {
    server.connections += 1;
    sockets.add(socket);
    socket.on('close', () => {
      server.closed += 1;
      sockets.delete(socket);
    });
  });
  server.on('secureConnection', (socket) => { if (socket.isSessionReused()) server.resumed += 1; });
  server.on('request', (request, response) => {
    server.requests += 1;
    const { pathname } = new URL(request.url, 'http://x');
    server.byPath[pathname] = (server.byPath[pathname] || 0) + 1;
    // A hint would make Node's agent close before the server does.
    if (hideHint) response.setHeader('Keep-Alive', '');
    request.resume();
    ANSWERS[pathname](request, response, server);
  });
  await new Promise((resolve) => server.listen(0, host, resolve));
  server.url = `${tls ? 'https' : 'http'}://${host}:${server.address().port}`;
  server.stop = () => new Promise((resolve) => {
    server.close(resolve);
    for (const socket of sockets) socket.destroy();
  });
  return server;
}

/** A program that runs the functions it is sent; by default with the hook in it from the start. */
class App {
  constructor({ preload = true, env = {}, program = 'app.js', args = [], execArgv = [] } = {}) {
    this.directory = env.POOLTOP_ATTACH_DIR || scratchPath('run');
    this.child = fork(path.join(__dirname, program), args, {
      execArgv: [...execArgv, ...(preload ? ['--require', HOOK] : [])],
      env: { ...process.env, NODE_OPTIONS: '', NODE_PATH: LIBRARIES, POOLTOP_ATTACH_DIR: this.directory, ...env },
      stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
    });
    this.stderr = '';
    this.child.stderr.on('data', (chunk) => { this.stderr += chunk; });
    this.waiting = new Map();
    this.sequence = 0;
    this.child.on('message', ({ id, value, error }) => {
      const { resolve, reject } = this.waiting.get(id);
      this.waiting.delete(id);
      if (error === undefined) resolve(value);
      else reject(new Error(`${error}\n${this.stderr}`));
    });
    this.exited = new Promise((resolve) => this.child.once('exit', (code, signal) => resolve({ code, signal })));
    this.exited.then(() => {
      for (const { reject } of this.waiting.values()) reject(new Error(`the program ended\n${this.stderr}`));
    });
  }

  /** Runs a function in the program; it gets the program's tools and the further arguments. */
  run(body, ...values) {
    this.sequence += 1;
    const id = this.sequence;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.child.send({ id, body: String(body), values });
    });
  }

  get socketPath() { return path.join(this.directory, `node-${this.child.pid}.sock`); }

  /** A viewer of this program. */
  async view(options) {
    // The file is there a moment before it is listened on.
    const connect = () => Viewer.connect(this.socketPath, options).catch((error) => {
      if (error.code !== 'ENOENT' && error.code !== 'ECONNREFUSED') throw error;
      return null;
    });
    return until(connect, `the socket\n${this.stderr}`);
  }

  async stop() {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill();
    await this.exited;
  }
}

/** JSON merge patch, RFC 7396. */
function applyPatch(target, patch) {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const result = typeof target === 'object' && target !== null && !Array.isArray(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = applyPatch(result[key], value);
  }
  return result;
}

/** The viewer's side of the protocol. */
class Viewer {
  constructor(socket) {
    this.socket = socket;
    this.lines = [];
    this.readers = [];
    this.input = '';
    this.id = 0;
    this.document = {};
    this.base = 0;
    this.hasEnded = false;
    socket.setEncoding('utf8');
    socket.on('data', (chunk) => {
      this.input += chunk;
      const lines = this.input.split('\n');
      this.input = lines.pop();
      for (const line of lines) this.hand(JSON.parse(line));
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      this.hasEnded = true;
      while (this.readers.length > 0) this.hand(null);
    });
  }

  static async connect(socketPath, { allowChanges = false, sayHello = true } = {}) {
    const socket = net.connect(socketPath);
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    const viewer = new Viewer(socket);
    viewer.hello = await viewer.next();
    if (sayHello) viewer.write({ type: 'hello', protocol: PROTOCOL, viewer: 'test', allowChanges });
    return viewer;
  }

  hand(message) {
    if (this.readers.length > 0) this.readers.shift()(message);
    else this.lines.push(message);
  }

  write(message) { this.socket.write(`${JSON.stringify(message)}\n`); }

  /** The next message; null once the connection has ended. */
  next() {
    if (this.lines.length > 0) return Promise.resolve(this.lines.shift());
    if (this.hasEnded) return Promise.resolve(null);
    return new Promise((resolve) => this.readers.push(resolve));
  }

  /** Sends a request and returns its answer. */
  ask(message) {
    this.id += 1;
    this.write({ id: this.id, ...message });
    return this.next();
  }

  /** The whole snapshot, made from the differences. */
  async get(options = {}) {
    const answer = await this.ask({ type: 'get', base: this.base, ...options });
    this.answer = answer;
    this.document = applyPatch(answer.base === 0 ? {} : this.document, answer.patch);
    this.base = answer.id;
    return this.document;
  }

  /** The host of an origin, of a fresh snapshot. */
  async host(url, options) {
    const document = await this.get(options);
    const found = Object.values(document.hosts).find((one) => one.origin === url);
    if (found === undefined) throw new Error(`no host ${url} in ${Object.values(document.hosts).map((one) => one.origin)}`);
    return found;
  }

  set(setting, value, host) { return this.ask({ type: 'set', setting, value, host }); }

  end() {
    const ended = new Promise((resolve) => this.socket.once('close', resolve));
    this.socket.destroy();
    return ended;
  }
}

/** Throws unless the counts of a host add up, as they must at every instant. */
function assertBalanced(assert, host) {
  const { requests, connections, statuses, errors } = host.metrics;
  const sum = (counts) => Object.values(counts).reduce((total, count) => total + count, 0);
  assert.equal(requests.started,
    requests.succeeded + requests.failed + requests.cancelled + requests.inFlight + requests.queued, JSON.stringify(requests));
  assert.equal(connections.openedBefore + connections.opened, connections.closed + connections.active + connections.idle,
    JSON.stringify(connections));
  assert.equal(connections.dials, connections.opened + connections.dialFailed + connections.connecting);
  assert.equal(sum(connections.closedByReason), connections.closed);
  assert.equal(sum(errors), requests.failed);
  assert.ok(sum(statuses) <= requests.succeeded);
  assert.ok(connections.peakOpen >= connections.active + connections.idle);
}

/** A server, a service with the hook that is to ask it, and a viewer that may change its settings. */
async function start(t, serverOptions) {
  const [server, app] = [await startServer(serverOptions), new App()];
  t.after(async () => {
    await app.stop();
    await server.stop();
  });
  return { server, app, viewer: await app.view({ allowChanges: true }) };
}

module.exports = { App, HOOK, LIBRARIES, PROTOCOL, Viewer, applyPatch, assertBalanced, keyPair, scratchPath, start, startServer, until };
