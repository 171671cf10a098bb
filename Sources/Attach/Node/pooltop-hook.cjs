// pooltop-hook.cjs: shows the HTTP connection pools of this Node process to pooltop, and lets it change their settings.
//
//     node --require ./pooltop-hook.cjs app.js          (Node 18 and newer; nothing else is needed)
//
// It counts requests and connections of http.Agent, https.Agent, undici and fetch, and answers viewers on a Unix socket
// (protocol pooltop.attach/1, JSON lines). It sends origins, numbers, times, states and causes; never a header, a body,
// a path or a query. Nothing is changed in the application before a viewer that may do so asks for it, and every change
// is undone when that viewer goes. The rules that keep it harmless:
//
//   - Each wrapper calls the original function whatever happens in ours. An error of ours never reaches the
//     application; after ten of them the hook only passes calls through.
//   - A request costs a few additions and writes to records that exist (undici's, and those that wait in a queue, get one
//     each): no string, no timer, no closure, no listener.
//   - Present counts are derived from states when a viewer asks. Only totals, which never go down, are stored.
//   - Records are attached by private fields, so nothing of ours can be seen on the application's objects.
//   - Nothing here keeps the process alive, and `unhook` puts back every function that it has wrapped.
//   - Put into a process that runs already, it takes in the pools that are there, as older than itself.
'use strict';
{
// An inspector's `require` is there only while it evaluates, so everything is loaded now.
const load = (name) => (process.getBuiltinModule ? process.getBuiltinModule(name) : require(name));
const http = load('http');
const https = load('https');
const net = load('net');
const fs = load('fs');
const path = load('path');
const dns = load('dns');
const channels = load('diagnostics_channel');
const threads = load('worker_threads');
const { performance } = load('perf_hooks');
const { syncBuiltinESMExports } = load('module');
const cachedModules = typeof require === 'function' ? require.cache : undefined;

const PROTOCOL = 'pooltop.attach/1';
const VERSION = '1';
const REGISTRY = Symbol.for('pooltop.hook');

// ---------------------------------------------------------------------------------------------------------- Limits

const MAX_HOSTS = 1000;
const MAX_TEXT = 255;
const MAX_HOSTNAME = 1024;
const MAX_NAMES = 1000;
const MAX_VIEWERS = 8;
const MAX_SILENCE = 5000;
const MAX_WAIT_FOR_VIEWER = 60000;
const MAX_LINE_IN = 64 * 1024;
const MAX_LINE_OUT = 4 * 1024 * 1024;
const MAX_EVENTS = 64;
const MAX_ADDRESSES = 64;
const MAX_LISTED_SOCKETS = 5000;
const MAX_ERRORS = 10;
/** The search for pools stops the application for a tenth of a second in a heap of this size, as measured. */
const MAX_SEARCHED_HEAP = 128 * 1024 * 1024;

// ----------------------------------------------------------------------------------------------- Clock and own errors

const { hrtime } = process;

/** Milliseconds on the monotonic clock. `process.hrtime` costs a request less than `performance.now`, as measured. */
function now() {
  const time = hrtime();
  return time[0] * 1e3 + time[1] / 1e6;
}

const startedAt = now();
const seconds = (milliseconds) => Math.max(0, milliseconds) / 1000;

let isActive = true;
let internalErrors = 0;
let lastInternalError = '';

/** Keeps an error of our own code away from the application. */
function swallow(error) {
  internalErrors += 1;
  lastInternalError = String(error && error.message).slice(0, MAX_TEXT);
  debug(error && error.stack);
  if (internalErrors >= MAX_ERRORS) isActive = false;
}

function debug(text) {
  if (process.env.POOLTOP_HOOK_DEBUG) process._rawDebug(`pooltop-hook: ${text}`);
}

/** `body` as a listener of a diagnostics channel, or of an event with the socket as `this`. */
function guarded(body) {
  return function guardedListener(first, second) {
    if (!isActive) return;
    try {
      body.call(this, first, second);
    } catch (error) {
      swallow(error);
    }
  };
}

// --------------------------------------------------------------------------------------------------------- Histograms

const UNIT = 512;
const PAGE = 128;
const LONGEST = 86400e9;
const COLLECTED = 256;

/**
 * Durations in the buckets that pooltop uses: an HdrHistogram of nanoseconds with two digits and units of 512 ns. The
 * first 256 buckets are one unit wide, each following 128 twice as wide as those before. Pages of 128 counts are
 * allocated when they are first needed. A request touches as little memory as it can, because between two requests the
 * kernel has used the caches: so durations are collected in one place and sorted into their buckets by the hundred, and the
 * least and the greatest are taken from the buckets.
 */
class Histogram {
  /** With `shared`, the durations of another histogram belong to this one as well. */
  constructor(shared = null) {
    this.pages = [];
    this.sum = 0;
    this.zeros = 0;
    this.count = 0;
    this.shared = shared;
    this.encoded = {};
    this.encodedCount = 0;
  }

  record(milliseconds) {
    collected.histograms[collected.count] = this;
    collected.durations[collected.count] = milliseconds;
    collected.count += 1;
    if (collected.count === COLLECTED) sortCollected();
  }

  sortIn(milliseconds) {
    const nanoseconds = Math.max(0, Math.floor(milliseconds * 1e6));
    const bucket = Histogram.bucket(nanoseconds);
    const page = this.pages[bucket >>> 7] || this.addPage(bucket >>> 7);
    page[bucket & (PAGE - 1)] += 1;
    this.count += 1;
    this.sum += nanoseconds;
  }

  addPage(index) {
    while (this.pages.length <= index) this.pages.push(null);
    return (this.pages[index] = new Uint32Array(PAGE));
  }

  static bucket(nanoseconds) {
    // Bitwise operators have 32 bits, which are enough for twenty minutes in units.
    if (nanoseconds >= 0x7fffffff * UNIT) return Histogram.bucketOfLong(nanoseconds);
    const units = (nanoseconds / UNIT) | 0;
    const shift = 24 - Math.clz32(units | 255);
    return shift * PAGE + (units >>> shift);
  }

  static bucketOfLong(nanoseconds) {
    const units = Math.floor(Math.min(LONGEST, nanoseconds) / UNIT);
    const shift = Math.floor(Math.log2(units)) - 7;
    return shift * PAGE + Math.floor(units / 2 ** shift);
  }

  /** The shortest duration in a bucket, in nanoseconds. */
  static bottom(bucket) {
    if (bucket < PAGE) return bucket * UNIT;
    return ((bucket & (PAGE - 1)) + PAGE) * 2 ** ((bucket >>> 7) - 1) * UNIT;
  }

  countIn(bucket) {
    const page = this.pages[bucket >>> 7];
    const own = page ? page[bucket & (PAGE - 1)] : 0;
    return own + (bucket === 0 ? this.zeros : 0) + (this.shared === null ? 0 : this.shared.countIn(bucket));
  }

  get total() { return this.count + this.zeros + (this.shared === null ? 0 : this.shared.total); }

  /** The JSON form: counts by bucket, where a negative number skips so many empty buckets. */
  toJSON() {
    if (this.encodedCount === this.total) return this.encoded;
    const counts = [];
    const buckets = PAGE * Math.max(1, this.pages.length, this.shared === null ? 0 : this.shared.pages.length);
    let first = -1;
    let last = -1;
    for (let bucket = 0; bucket < buckets; bucket += 1) {
      const count = this.countIn(bucket);
      if (count === 0) continue;
      if (bucket > last + 1) counts.push(last + 1 - bucket);
      counts.push(count);
      if (first < 0) first = bucket;
      last = bucket;
    }
    const max = Math.min(LONGEST, Histogram.bottom(last + 1) - 1);
    const sum = this.sum + (this.shared === null ? 0 : this.shared.sum);
    this.encodedCount = this.total;
    this.encoded = { counts, min: Histogram.bottom(first), max, sum };
    return this.encoded;
  }
}

/** Durations that are in no bucket yet, and the histogram of each. */
const collected = { histograms: new Array(COLLECTED).fill(null), durations: new Float64Array(COLLECTED), count: 0 };

function sortCollected() {
  for (let index = 0; index < collected.count; index += 1) collected.histograms[index].sortIn(collected.durations[index]);
  collected.count = 0;
}

// ------------------------------------------------------------------------------------- Records on foreign objects

/** A constructor that returns another object adds the private fields of the subclass to that object. */
class Attachable {
  constructor(target) {
    return target;
  }
}

class SocketTag extends Attachable {
  #record;
  static of(socket) {
    return #record in socket ? socket.#record : undefined;
  }
  static put(socket, record) {
    if (#record in socket) socket.#record = record;
    else new SocketTag(socket).#record = record;
    return record;
  }
}

class AgentTag extends Attachable {
  #record;
  static of(agent) {
    return #record in agent ? agent.#record : undefined;
  }
  static put(agent, record) {
    if (#record in agent) agent.#record = record;
    else new AgentTag(agent).#record = record;
    return record;
  }
}

class RequestTag extends Attachable {
  #record;
  static of(request) {
    return #record in request ? request.#record : undefined;
  }
  static put(request, record) {
    if (#record in request) request.#record = record;
    else new RequestTag(request).#record = record;
    return record;
  }
}

// -------------------------------------------------------------------------------------------------------------- Hosts

const DURATIONS = ['response', 'service', 'queueWait', 'dnsLookup', 'connect', 'tlsHandshake', 'firstByte'];

/** One origin: its totals, its open sockets and its waiting requests. */
class Host {
  constructor(id, isTLS, hostname, authority) {
    // The fields that a request touches lie together.
    this.started = 0;
    this.succeeded = 0;
    this.answered200 = 0;
    this.onReused = 0;
    this.notQueued = 0;
    this.keepAlive = undefined;
    this.maxSockets = undefined;
    this.direct = new Histogram();
    this.firstByte = new Histogram();
    this.waiting = new LinkedList();
    this.id = id;
    this.isTLS = isTLS;
    this.hostname = hostname;
    this.isName = net.isIP(hostname) === 0 && !hostname.startsWith('/');
    this.name = authority.slice(0, MAX_TEXT);
    this.origin = `${isTLS ? 'https' : 'http'}://${authority}`.slice(0, MAX_TEXT);
    this.failed = 0;
    this.cancelled = 0;
    this.onNew = 0;
    this.unattached = 0;
    this.dialFailed = 0;
    this.opened = 0;
    this.openedBefore = 0;
    this.closed = 0;
    this.peakOpen = 0;
    this.handshakes = 0;
    this.resumed = 0;
    this.tlsFailed = 0;
    this.sent = 0;
    this.received = 0;
    this.statuses = new Uint32Array(600);
    this.errors = new Map();
    this.reasons = new Map();
    this.addresses = new Map();
    this.sockets = new LinkedList();
    this.agents = new Set();
    this.idleAges = [];
    this.hintTimeout = 0;
    this.hintMax = 0;
    this.lastConnectFailure = '';
    this.lastTLSFailure = '';
    this.usesUndici = false;
    // `direct` has the requests that found a free connection: their response and service times are the same.
    this.response = new Histogram(this.direct);
    this.service = new Histogram(this.direct);
    this.queueWait = new Histogram();
    this.dnsLookup = new Histogram();
    this.connect = new Histogram();
    this.tlsHandshake = new Histogram();
  }
}

/** Records, the oldest first. The list goes through the records themselves, so that entering and leaving are cheap. */
class LinkedList {
  constructor() {
    this.size = 0;
    this.first = null;
    this.last = null;
  }

  add(record) {
    record.isListed = true;
    record.before = this.last;
    if (this.last === null) this.first = record;
    else this.last.after = record;
    this.last = record;
    this.size += 1;
  }

  remove(record) {
    if (!record.isListed) return;
    record.isListed = false;
    if (record.before === null) this.first = record.after;
    else record.before.after = record.after;
    if (record.after === null) this.last = record.before;
    else record.after.before = record.before;
    record.before = null;
    record.after = null;
    this.size -= 1;
  }

  * [Symbol.iterator]() {
    for (let record = this.first, next; record !== null; record = next) {
      next = record.after;
      yield record;
    }
  }
}

function increment(map, key) {
  map.set(key, (map.get(key) || 0) + 1);
}

const hosts = [];
const hostsByOrigin = new Map();
const hostsByName = new Map();
let otherHost = null;

function hostOf(isTLS, hostname, port) {
  const isPath = hostname.startsWith('/');
  const bracketed = hostname.includes(':') && hostname[0] !== '[' ? `[${hostname}]` : hostname;
  const authority = isPath ? `unix:${hostname}` : `${bracketed}:${port}`;
  const key = (isTLS ? 'https://' : 'http://') + authority;
  const known = hostsByOrigin.get(key);
  if (known !== undefined) return known;
  if (hosts.length >= MAX_HOSTS || hostname.length > MAX_HOSTNAME) {
    if (otherHost === null) hosts.push((otherHost = new Host(hosts.length, false, '', 'other')));
    return otherHost;
  }
  const host = new Host(hosts.length, isTLS, hostname, authority);
  hosts.push(host);
  hostsByOrigin.set(key, host);
  if (!hostsByName.has(hostname)) hostsByName.set(hostname, host);
  return host;
}

/** Finds the host of a name and a port without building a string, except when it is new to this agent. */
class HostCache {
  constructor(owner, isTLS) {
    this.owner = owner;
    this.isTLS = isTLS;
    this.hostname = '';
    this.port = 0;
    this.host = null;
    this.names = new Map();
  }

  find(hostname, port) {
    if (hostname === this.hostname && port === this.port) return this.host;
    const ports = this.names.get(hostname);
    const known = ports === undefined ? undefined : ports.get(port);
    const host = known === undefined ? this.add(ports, hostname, port) : known;
    this.hostname = hostname;
    this.port = port;
    this.host = host;
    return host;
  }

  add(ports, hostname, port) {
    const host = hostOf(this.isTLS, hostname, port);
    serve(this.owner, host);
    if (host === otherHost) return host;
    if (ports === undefined) this.names.set(hostname, new Map([[port, host]]));
    else ports.set(port, host);
    return host;
  }
}

// ------------------------------------------------------------------------------------------------------------- Notices

const events = [];
let eventSequence = 0;

/** Adds a notice. One of the same kind, host and cause within a second only raises the count of the one before. */
function notice(level, kind, host, fields = {}) {
  const uptimeSeconds = seconds(now() - startedAt);
  for (let index = events.length - 1; index >= 0; index -= 1) {
    const earlier = events[index];
    if (uptimeSeconds - earlier.uptimeSeconds > 1 || level === 'mark') break;
    if (earlier.kind === kind && earlier.hostID === (host ? host.id : undefined) && earlier.cause === fields.cause) {
      events[index] = { ...earlier, count: (earlier.count || 1) + 1 };
      return;
    }
  }
  const about = host ? { hostID: host.id, hostName: host.name } : {};
  events.push({ sequence: eventSequence, level, uptimeSeconds, ...about, kind, ...fields });
  eventSequence += 1;
  if (events.length > MAX_EVENTS) events.shift();
}

// ----------------------------------------------------------------------------------- Causes of failures, reasons of closes

const CAUSES = {
  ENOTFOUND: 'dnsNotFound', EAI_NONAME: 'dnsNotFound', EAI_NODATA: 'dnsNotFound', EAI_AGAIN: 'dnsTimeout',
  EAI_FAIL: 'dnsFailure', EAI_MEMORY: 'dnsFailure', EAI_SYSTEM: 'dnsFailure',
  ECONNREFUSED: 'connectRefused', UND_ERR_CONNECT_TIMEOUT: 'connectTimeout',
  ERR_SOCKET_CONNECTION_TIMEOUT: 'connectTimeout',
  EHOSTUNREACH: 'connectUnreachable', ENETUNREACH: 'connectUnreachable', EHOSTDOWN: 'connectUnreachable',
  ENETDOWN: 'connectUnreachable', EADDRNOTAVAIL: 'addressNotAvailable',
  EMFILE: 'tooManyOpenFiles', ENFILE: 'tooManyOpenFiles', ENOENT: 'unixSocketMissing',
  EPIPE: 'peerReset', UND_ERR_SOCKET: 'peerClosed', UND_ERR_HEADERS_TIMEOUT: 'firstByteTimeout',
  UND_ERR_BODY_TIMEOUT: 'requestTimeout', ESOCKETTIMEDOUT: 'requestTimeout',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'incompleteBody', UND_ERR_RES_EXCEEDED_MAX_SIZE: 'bodyTooLarge',
  UND_ERR_DESTROYED: 'shutdown', UND_ERR_CLOSED: 'shutdown', UND_ERR_REQ_CONTENT_LENGTH_MISMATCH: 'invalidRequest',
  UND_ERR_INVALID_ARG: 'invalidRequest', UND_ERR_HEADERS_OVERFLOW: 'framingError', EPROTO: 'tlsHandshakeFailed',
};

const CERTIFICATE_FAILURES = {
  CERT_HAS_EXPIRED: 'expired', CERT_NOT_YET_VALID: 'notYetValid', DEPTH_ZERO_SELF_SIGNED_CERT: 'selfSigned',
  SELF_SIGNED_CERT_IN_CHAIN: 'unknownAuthority', UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'unknownAuthority',
  UNABLE_TO_GET_ISSUER_CERT: 'unknownAuthority', UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'unknownAuthority',
  ERR_TLS_CERT_ALTNAME_INVALID: 'wrongName', INVALID_PURPOSE: 'wrongPurpose', CERT_REVOKED: 'revoked',
  CERT_UNTRUSTED: 'unknownAuthority', CERT_REJECTED: 'unknownAuthority', INVALID_CA: 'unknownAuthority',
};

/** The code of an error; of several (one per address that was tried) that of the first. */
function codeOf(error) {
  if (!error) return '';
  const first = Array.isArray(error.errors) && error.errors.length > 0 ? error.errors[0] : error;
  return typeof first.code === 'string' ? first.code : typeof error.code === 'string' ? error.code : '';
}

/** The label of `FailureCause` for an error; `isOpen` tells whether the connection had been established. */
function causeOf(error, isOpen) {
  const code = codeOf(error);
  if (CERTIFICATE_FAILURES[code] !== undefined) return 'tlsCertificateInvalid';
  if (code === 'ETIMEDOUT') return isOpen ? 'requestTimeout' : 'connectTimeout';
  if (code === 'ECONNRESET') return error.message === 'socket hang up' ? 'peerClosed' : 'peerReset';
  if (error && error.name === 'TimeoutError') return 'requestTimeout';
  if (CAUSES[code] !== undefined) return CAUSES[code];
  if (code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_')) return 'tlsHandshakeFailed';
  if (code.startsWith('HPE_')) return 'framingError';
  if (code.startsWith('EAI_')) return 'dnsFailure';
  return isOpen ? 'peerClosed' : 'connectUnreachable';
}

/** The label of `TLSFailure` for an error during a handshake. */
function tlsFailureOf(error) {
  const code = codeOf(error);
  if (CERTIFICATE_FAILURES[code] !== undefined) return CERTIFICATE_FAILURES[code];
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG') return 'notTLS';
  if (code.includes('PROTOCOL_VERSION') || code === 'ERR_SSL_UNSUPPORTED_PROTOCOL') return 'protocolVersion';
  if (code.includes('HANDSHAKE_FAILURE') || code.includes('NO_SHARED_CIPHER')) return 'noAgreement';
  if (code.includes('CERTIFICATE_REQUIRED')) return 'clientCertificateWanted';
  if (code === 'ECONNRESET') return error.message.startsWith('Client network socket disconnected') ? 'closed' : 'reset';
  return 'other';
}

/** True for an error that the network caused, and not the application by destroying a request. */
function isOfNetwork(error) {
  const code = codeOf(error);
  return code !== '' && code !== 'ABORT_ERR' && code !== 'UND_ERR_ABORTED' && !code.startsWith('ERR_STREAM_');
}

function headerOf(response, name) {
  const raw = response && Array.isArray(response.rawHeaders) ? response.rawHeaders : [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    if (raw[index].length === name.length && raw[index].toLowerCase() === name) return raw[index + 1];
  }
  return undefined;
}

/**
 * Newer agents destroy an idle socket themselves when its peer closes it, so that it looks as if the application had done
 * so. They do it in a function of their own in the place of the one that reads: true once that has been seen.
 */
let agentWatchesIdle = false;
let idleSocketsToLookAt = 3;

/** Looks whether the agent reads from this socket in a way of its own after it has kept it. */
function noteIdleWatch(socket) {
  idleSocketsToLookAt -= 1;
  const { onread } = socket._handle || {};
  process.nextTick(guarded(() => {
    if (socket._handle && !socket._httpMessage && socket._handle.onread !== onread) agentWatchesIdle = true;
  }));
}

/** The agent is about to destroy its idle connections. */
function wrapDestroy(original) {
  return function destroy() {
    guarded(noteDestroyed)(this);
    return original.apply(this, arguments);
  };
}

function noteDestroyed(agent) {
  for (const list of Object.values(agent.freeSockets || {})) {
    for (const socket of list) {
      const record = SocketTag.of(socket);
      if (record !== undefined && record.reason === '') record.reason = 'closedByProcess';
    }
  }
}

/** Whether the socket's timeout has passed since then. A listener for it would cost something in each request. */
function hasTimedOut(socket, since) {
  return socket.timeout > 0 && now() - since >= socket.timeout - 2;
}

/** The reason why a connection of http.Agent ends that was complete or idle, from what it and its agent look like. */
function reasonAfterExchange(record, socket, error) {
  const message = socket._httpMessage;
  const agent = (message && message.agent) || record.agent.agent();
  if (!message) {
    if (error && isOfNetwork(error)) return 'peerReset';
    if (socket.readableEnded) return 'peerClosedIdle';
    if (!hasTimedOut(socket, record.idleSince)) return agentWatchesIdle ? 'peerClosedIdle' : 'closedByProcess';
    const limit = agent && agent.options ? agent.options.timeout : 0;
    return socket.timeout > 0 && limit > 0 && socket.timeout < limit ? 'hintTimeout' : 'idleTimeout';
  }
  if (!message.shouldKeepAlive) return reasonWithoutKeepAlive(record, message, agent);
  if (agent === null) return 'closedByProcess';
  // The agent was given the connection back and did not keep it.
  if (!agent.keepAlive) return 'keepAliveDisabled';
  if (error && isOfNetwork(error)) return 'peerReset';
  if (socket.readableEnded) return 'peerClosedIdle';
  const hint = /^timeout=(\d+)/.exec(headerOf(message.res, 'keep-alive') || '');
  if (hint && Number(hint[1]) <= 1) return 'hintTimeout';
  return agent.totalSocketCount > agent.maxTotalSockets ? 'idleLimitTotal' : 'idleLimitHost';
}

function reasonWithoutKeepAlive(record, message, agent) {
  const isOff = agent === null ? record.agent === singleUse : !agent.keepAlive;
  if (isOff || record.host.keepAlive === false) return 'keepAliveDisabled';
  // Without an agent Node asks for the end of the connection by itself.
  if (agent === null || /\bclose\b/i.test(String(message.getHeader('connection') || ''))) return 'closeHeaderSent';
  const response = message.res;
  if (!response) return 'closedByProcess';
  if (/\bclose\b/i.test(headerOf(response, 'connection') || '')) return 'closeHeaderReceived';
  if (response.httpVersionMajor === 1 && response.httpVersionMinor === 0) return 'http10';
  const isFramed = headerOf(response, 'content-length') || headerOf(response, 'transfer-encoding');
  return isFramed ? 'closeHeaderReceived' : 'untilCloseBody';
}

/** The reason why undici's connection ends, from the error that it was destroyed with. */
function reasonOfUndici(record, socket, error) {
  const code = codeOf(error);
  const isBusy = record.inFlight > 0;
  if (code === 'UND_ERR_INFO') {
    const message = error.message;
    if (message === 'socket idle timeout') return 'idleTimeout';
    if (message === 'aborted') return 'requestCancelled';
    if (message !== 'reset') return 'closedByProcess';
    if (record.sentClose === 'pipelining') return 'keepAliveDisabled';
    return record.sentClose === 'request' ? 'closeHeaderSent' : 'closeHeaderReceived';
  }
  if (code === 'UND_ERR_SOCKET') return isBusy ? 'peerClosedActive' : 'peerClosedIdle';
  if (code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT') return 'requestTimeout';
  if (code === 'UND_ERR_ABORTED' || code === 'ABORT_ERR') return 'requestCancelled';
  if (code === 'UND_ERR_DESTROYED' || code === 'UND_ERR_CLOSED') return 'shutdown';
  if (code === 'ECONNRESET' || code === 'EPIPE') return 'peerReset';
  if (code.startsWith('HPE_')) return 'framingError';
  if (socket.readableEnded) return isBusy ? 'peerClosedActive' : 'peerClosedIdle';
  return isBusy ? 'requestCancelled' : 'closedByProcess';
}

// ------------------------------------------------------------------------------------------------------------ Sockets

let nextSocketID = 1;

/** One connection, from its dial on. A connection of http.Agent carries one request; its times are kept here. */
class SocketRecord {
  constructor(host, socket, agent, at) {
    this.id = nextSocketID++;
    this.host = host;
    this.socket = socket;
    /** The record of its http.Agent; null for undici. */
    this.agent = agent;
    this.createdAt = at;
    this.lookedUpAt = 0;
    this.connectedAt = 0;
    this.openedAt = -1;
    this.idleSince = this.createdAt;
    this.exchanges = 0;
    this.inFlight = 0;
    this.request = null;
    this.startedAt = 0;
    this.assignedAt = 0;
    this.headAt = 0;
    this.isTimed = true;
    this.error = null;
    this.reason = '';
    this.sentClose = '';
    this.address = '';
    this.client = null;
    this.hasClosed = false;
    this.isRemovedByAgent = false;
    this.readBefore = 0;
    this.writtenBefore = 0;
    this.isListed = false;
    this.before = null;
    this.after = null;
  }
}

/**
 * The record of a socket that begins to connect, or of one that is there already (`isNew` false). `agent` is the http.Agent
 * that has it, if there is one; `at` is when it began to connect.
 */
function track(socket, host, agentRecord, agent, isNew, at = now()) {
  const record = SocketTag.put(socket, new SocketRecord(host, socket, agentRecord, at));
  host.sockets.add(record);
  record.isRemovedByAgent = isRemovedByAgent(socket, agent);
  if (!record.isRemovedByAgent) addListeners(socket, agent);
  if (isConnecting(socket)) {
    if (host.isName) socket.on('lookup', onLookup);
    socket.on('connect', onConnect);
    if (isSecure(socket)) socket.on('secureConnect', onSecureConnect);
    return record;
  }
  if (!isNew) return trackOlder(record, socket);
  if (isSecure(socket)) countHandshake(record, socket);
  opened(record, record.createdAt);
  return record;
}

/** Node's own agents tell by `removeSocket` that a connection is idle, closed or upgraded, which costs no listener. */
function isRemovedByAgent(socket, agent) {
  return agent !== null && agent.removeSocket === removeSocketWrapper && socket.listenerCount('agentRemove') > 0;
}

/** A connection from before the hook. Its bytes and exchanges until now are not counted; it has carried one at least. */
function trackOlder(record, socket) {
  record.readBefore = socket.bytesRead || 0;
  record.writtenBefore = socket.bytesWritten || 0;
  record.exchanges = 1;
  record.openedAt = record.createdAt;
  record.host.openedBefore += 1;
  notePeak(record.host);
  countAddress(record, 1);
  return record;
}

function addListeners(socket, agent) {
  // Ours are first, because the agent's own listeners give a freed socket to the next request at once.
  socket.prependListener('close', onClose);
  if (agent === null) return;
  socket.on('agentRemove', onAgentRemove);
  socket.prependListener('free', onFree);
}

function removeListeners(socket) {
  socket.removeListener('close', onClose);
  socket.removeListener('free', onFree);
  socket.removeListener('agentRemove', onAgentRemove);
  socket.removeListener('lookup', onLookup);
  socket.removeListener('connect', onConnect);
  socket.removeListener('secureConnect', onSecureConnect);
}

const isSecure = (socket) => socket.encrypted === true;
const isConnecting = (socket) => socket.connecting === true || (isSecure(socket) && socket.secureConnecting === true);

const onLookup = guarded(function lookup(error, address) {
  const record = SocketTag.of(this);
  if (record === undefined || error) return;
  if (record.lookedUpAt === 0) record.lookedUpAt = now();
  record.address = record.address === '' ? String(address) : '?';
});

const onConnect = guarded(function connect() {
  const record = SocketTag.of(this);
  if (record === undefined || record.openedAt >= 0) return;
  const at = now();
  record.connectedAt = at;
  record.host.connect.record(at - (record.lookedUpAt || record.createdAt));
  if (!isSecure(this)) opened(record, at);
});

const onSecureConnect = guarded(function secureConnect() {
  const record = SocketTag.of(this);
  if (record === undefined || record.openedAt >= 0) return;
  const at = now();
  record.host.tlsHandshake.record(at - (record.connectedAt || record.createdAt));
  countHandshake(record, this);
  opened(record, at);
});

function countHandshake(record, socket) {
  record.host.handshakes += 1;
  if (typeof socket.isSessionReused === 'function' && socket.isSessionReused()) record.host.resumed += 1;
}

function opened(record, at) {
  const host = record.host;
  record.openedAt = at;
  record.idleSince = at;
  host.opened += 1;
  notePeak(host);
  host.lastTLSFailure = '';
  if (host.lastConnectFailure !== '') notice('info', 'hostReachable', host);
  host.lastConnectFailure = '';
  countAddress(record, 1);
  if (record.request !== null) assigned(record, at);
}

function notePeak(host) {
  const open = host.openedBefore + host.opened - host.closed;
  if (open > host.peakOpen) host.peakOpen = open;
}

/**
 * An object with the addresses and ports of a socket. Reading them from the socket itself would add a property to it,
 * and sockets of different shapes make all of Node's code that handles them slower.
 */
function endsOf(socket) {
  if (!(socket instanceof net.Socket) || !socket._handle) return socket;
  const standIn = Object.create(net.Socket.prototype);
  standIn._handle = socket._handle;
  return standIn;
}

function countAddress(record, change) {
  const host = record.host;
  if (change > 0 && (record.address === '' || record.address === '?')) {
    record.address = host.isName ? endsOf(record.socket).remoteAddress || '' : host.hostname;
  }
  let counts = host.addresses.get(record.address);
  if (counts === undefined) {
    if (change < 0 || record.address === '' || host.addresses.size >= MAX_ADDRESSES) return;
    counts = { opened: 0, open: 0, exchanges: 0, port: endsOf(record.socket).remotePort };
    host.addresses.set(record.address, counts);
  }
  counts.open += change;
  if (change > 0) counts.opened += 1;
  else counts.exchanges += record.exchanges;
}

/** A request of http.Agent is on an open connection from now on. */
function assigned(record, at) {
  record.assignedAt = at;
  record.inFlight = 1;
  record.exchanges += 1;
  if (record.exchanges === 1) record.host.onNew += 1;
  else record.host.onReused += 1;
  if (!record.isTimed) return;
  if (at === record.startedAt) record.host.notQueued += 1;
  else record.host.queueWait.record(at - record.startedAt);
}

/** The exchange on a connection is over: by its response, or because the request was given up before it was sent. */
function endExchange(record) {
  if (record.request === null) return;
  if (record.request.res) succeed(record, now());
  else cancel(record, now());
}

const onFree = guarded(function free() {
  const record = SocketTag.of(this);
  if (record !== undefined) endExchange(record);
});

/** The connection leaves the pool because its protocol changed. An agent that removes a destroyed one says the same. */
const onAgentRemove = guarded(function agentRemove() {
  const record = SocketTag.of(this);
  if (record !== undefined && !this.destroyed) upgraded(record);
});

function upgraded(record) {
  if (record.hasClosed) return;
  if (record.request !== null) succeed(record, now());
  closed(record, 'upgraded');
  removeListeners(record.socket);
}

const onClose = guarded(function close() {
  const record = SocketTag.of(this);
  if (record !== undefined && !record.hasClosed) ended(record, this);
});

/** The function in Agent.prototype. */
let removeSocketWrapper = null;

/** An agent has a connection no longer, or has it among the idle ones from now on. */
function wrapRemoveSocket(original) {
  removeSocketWrapper = function removeSocket(socket, options) {
    if (isActive) {
      try {
        const record = SocketTag.of(socket);
        if (record !== undefined && record.isRemovedByAgent && !record.hasClosed) removed(record, socket);
      } catch (error) {
        swallow(error);
      }
    }
    return original.call(this, socket, options);
  };
  return removeSocketWrapper;
}

function removed(record, socket) {
  if (socket.destroyed) ended(record, socket);
  else if (socket._httpMessage) upgraded(record);
  else if (record.request !== null) {
    endExchange(record);
    if (idleSocketsToLookAt > 0) noteIdleWatch(socket);
  }
}

/** A connection was closed, or could not be established. */
function ended(record, socket) {
  const error = socket.errored || record.error;
  if (record.openedAt < 0) return dialFailed(record, error, socket);
  const request = record.request;
  if (record.agent === null) return closed(record, record.reason || reasonOfUndici(record, socket, error));
  const isComplete = request === null || Boolean(request.res && request.res.complete);
  if (!isComplete) return closed(record, record.reason || failAtClose(record, socket, error));
  if (request !== null) succeed(record, now());
  return closed(record, record.reason || reasonAfterExchange(record, socket, error));
}

/** Settles the request of a connection that ended under it, and returns the reason of the end. */
function failAtClose(record, socket, error) {
  const request = record.request;
  const response = request.res;
  const isByPeer = socket.readableEnded || isOfNetwork(error);
  if (!isByPeer && (request.destroyed || (response && response.destroyed))) {
    if (hasTimedOut(socket, record.assignedAt) || (error && error.name === 'TimeoutError')) {
      fail(record, 'requestTimeout');
      return 'requestTimeout';
    }
    cancel(record, now());
    return response ? 'bodyAbandoned' : 'requestCancelled';
  }
  const cause = error ? causeOf(error, true) : isByPeer ? 'peerClosed' : 'framingError';
  fail(record, response && cause !== 'framingError' && cause !== 'peerReset' ? 'incompleteBody' : cause);
  if (cause === 'peerReset' || cause === 'framingError' || cause === 'requestTimeout') return cause;
  return isByPeer ? 'peerClosedActive' : 'closedByProcess';
}

function dialFailed(record, error, socket) {
  const host = record.host;
  record.hasClosed = true;
  host.sockets.remove(record);
  host.dialFailed += 1;
  const timedOut = hasTimedOut(socket, record.createdAt);
  const isAbandoned = !isOfNetwork(error) && !timedOut;
  let cause = timedOut && !isOfNetwork(error) ? 'connectTimeout' : causeOf(error, false);
  if (!isAbandoned) {
    if (record.connectedAt > 0 && isSecure(socket)) {
      host.tlsFailed += 1;
      host.lastTLSFailure = tlsFailureOf(error);
      if (cause !== 'tlsCertificateInvalid') cause = 'tlsHandshakeFailed';
    }
    if (host.lastConnectFailure === '') notice('warn', 'hostUnreachable', host, { cause });
    host.lastConnectFailure = cause;
  }
  removeListeners(socket);
  if (record.request === null) return;
  if (isAbandoned) cancel(record, now());
  else fail(record, cause);
}

function closed(record, reason) {
  const host = record.host;
  record.hasClosed = true;
  host.sockets.remove(record);
  host.closed += 1;
  increment(host.reasons, reason);
  host.sent += bytesSent(record);
  host.received += bytesReceived(record);
  countAddress(record, -1);
  if (reason === 'peerClosedIdle') {
    const age = seconds(now() - record.idleSince);
    host.idleAges.push(age);
    if (host.idleAges.length > 16) host.idleAges.shift();
    notice('info', 'idleClosedByPeer', host, { seconds: age });
  }
}

const bytesSent = (record) => Math.max(0, (record.socket.bytesWritten || 0) - record.writtenBefore);
const bytesReceived = (record) => Math.max(0, (record.socket.bytesRead || 0) - record.readBefore);

// ------------------------------------------------------------------------------------- Ends of requests of http.Agent

function release(record, at) {
  record.request = null;
  record.inFlight = 0;
  record.headAt = 0;
  record.error = null;
  record.idleSince = at;
  record.isTimed = true;
}

function succeed(record, at) {
  const host = record.host;
  const response = record.request.res;
  const status = response ? response.statusCode : 0;
  host.succeeded += 1;
  countStatus(host, status);
  if (record.isTimed) recordEnd(host, at, record.startedAt, record.assignedAt);
  if (record.exchanges === 1 && record.request.shouldKeepAlive) readHint(host, headerOf(response, 'keep-alive'));
  release(record, at);
}

function countStatus(host, status) {
  if (status === 200) host.answered200 += 1;
  else if (status >= 100 && status < 600) host.statuses[status] += 1;
}

function recordEnd(host, at, started, assigned) {
  if (assigned === started) return host.direct.record(at - started);
  host.response.record(at - started);
  return host.service.record(at - assigned);
}

function cancel(record, at) {
  record.host.cancelled += 1;
  release(record, at);
}

function fail(record, cause) {
  countFailure(record.host, cause);
  release(record, now());
}

function countFailure(host, cause) {
  host.failed += 1;
  increment(host.errors, cause);
  notice('warn', 'requestFailed', host, { cause });
}

/** Keeps the server's `Keep-Alive: timeout=…, max=…`, which is read once per connection. */
function readHint(host, value) {
  if (typeof value !== 'string') return;
  const timeout = /timeout=(\d{1,9})/i.exec(value);
  const max = /max=(\d{1,9})/i.exec(value);
  if (timeout) host.hintTimeout = Number(timeout[1]);
  if (max) host.hintMax = Number(max[1]);
}

// --------------------------------------------------------------------------------------------------------- http.Agent

/** The hosts and the changed settings of one http.Agent. The agent itself is held weakly: an application may make one per request. */
class AgentRecord {
  constructor(agent) {
    this.reference = agent === null ? null : new WeakRef(agent);
    this.hosts = new Set();
    this.plain = new HostCache(this, false);
    this.secure = new HostCache(this, true);
    this.changed = new Map();
    this.version = 0;
  }

  agent() {
    return this.reference === null ? null : this.reference.deref() || null;
  }
}

/** All agents of `agent: false` share one record, because each of them serves one request. */
const singleUse = new AgentRecord(null);
const agents = new Set();
let agentsAfterPruning = 64;

function agentRecord(agent, options) {
  const known = AgentTag.of(agent);
  if (known !== undefined) return known;
  if (options !== null && typeof options === 'object' && options.agent === false) return singleUse;
  const record = AgentTag.put(agent, new AgentRecord(agent));
  agents.add(record);
  if (agents.size > agentsAfterPruning) pruneAgents();
  adopt(agent, record);
  return record;
}

function pruneAgents() {
  for (const record of agents) if (record.agent() === null) agents.delete(record);
  agentsAfterPruning = Math.max(64, 2 * agents.size);
}

/** A waiting request of http.Agent, or any request of undici. */
class RequestRecord {
  constructor(host, agent, at) {
    this.host = host;
    this.agent = agent;
    this.startedAt = at;
    this.assignedAt = 0;
    this.headAt = 0;
    this.status = 0;
    this.socket = null;
    this.isDone = false;
    this.isListed = false;
    this.before = null;
    this.after = null;
  }
}

/**
 * The request that an agent is asked to send, while it is asked, so that the usual case needs no record of its own.
 * `limit` is the agent's own maxSockets, while that of the host is in force in its place.
 */
const adding = { request: null, host: null, agent: null, at: 0.5, limit: undefined, depth: 0 };
const outer = [];

function wrapAddRequest(original) {
  return function addRequest(request, options, port, localAddress) {
    if (!isActive || adding.request === request) return original.call(this, request, options, port, localAddress);
    enter(this, request, options, port);
    try {
      return original.call(this, request, options, port, localAddress);
    } catch (error) {
      refuse(request);
      throw error;
    } finally {
      leave(this, request);
    }
  };
}

/** Notes the request that an agent is asked to send. Agents may call each other, so there may be one already. */
function enter(agent, request, options, port) {
  if (adding.depth > 0) outer.push({ ...adding });
  adding.depth += 1;
  adding.request = null;
  adding.limit = undefined;
  try {
    begin(agent, request, options, port);
  } catch (error) {
    swallow(error);
  }
}

function leave(agent, request) {
  try {
    if (adding.limit !== undefined) agent.maxSockets = adding.limit;
    if (adding.request === request) wait(request);
  } catch (error) {
    swallow(error);
  }
  adding.depth -= 1;
  if (adding.depth > 0) Object.assign(adding, outer.pop());
  else adding.request = null;
}

function begin(agent, request, options, port) {
  const known = RequestTag.of(request);
  if (known !== undefined) return lowerLimit(agent, known.agent, known.host);
  const record = agentRecord(agent, options);
  if (record.version !== settingsVersion) applySettings(record);
  const isTLS = request.protocol === 'https:';
  const isLegacy = typeof options === 'string';
  const number = isLegacy ? port : options.port || agent.defaultPort;
  const cache = isTLS ? record.secure : record.plain;
  const host = request.socketPath ? cache.find(request.socketPath, 0) : cache.find(request.host || 'localhost', number);
  if (host.keepAlive === false) request.shouldKeepAlive = false;
  host.started += 1;
  adding.request = request;
  adding.host = host;
  adding.agent = record;
  adding.at = now();
  return lowerLimit(agent, record, host);
}

/** An agent has its first request for this host. */
function serve(record, host) {
  if (record === singleUse || record.hosts.has(host)) return;
  record.hosts.add(host);
  host.agents.add(record);
  if (settingsVersion > 0) applySettings(record);
}

/** A limit for one host of an agent with several is in force only while the agent decides about a request. */
function lowerLimit(agent, record, host) {
  if (host.maxSockets === undefined || record === null || record.hosts.size < 2) return;
  adding.limit = agent.maxSockets;
  agent.maxSockets = host.maxSockets;
}

/** The agent did not give it a connection yet. */
function wait(request) {
  adding.host.waiting.add(RequestTag.put(request, new RequestRecord(adding.host, adding.agent, adding.at)));
}

/** The agent refused the request by an exception. */
function refuse(request) {
  if (adding.request !== request) return;
  adding.request = null;
  try {
    countFailure(adding.host, 'invalidRequest');
  } catch (error) {
    swallow(error);
  }
}

function wrapOnSocket(original) {
  return function onSocket(socket, error) {
    if (isActive) {
      try {
        receive(this, socket, error);
      } catch (ours) {
        swallow(ours);
      }
    }
    return original.call(this, socket, error);
  };
}

/** A request is given a connection, which may still have to connect, or the error that prevented it. */
function receive(request, socket, error) {
  let { host, agent, at: startedAt } = adding;
  const isAtOnce = adding.request === request;
  if (isAtOnce) {
    adding.request = null;
  } else {
    const waiting = RequestTag.of(request) || unannounced(request);
    if (waiting.isDone) return;
    ({ host, agent, startedAt } = waiting);
    waiting.isDone = true;
    host.waiting.remove(waiting);
  }
  if (error || !socket) return countFailure(host, causeOf(error, false));
  const record = SocketTag.of(socket)
    || track(socket, host, agent || singleUse, request.agent || null, true, isAtOnce ? startedAt : now());
  endExchange(record);
  if (request.destroyed || record.hasClosed) {
    host.cancelled += 1;
    return;
  }
  record.request = request;
  record.startedAt = startedAt;
  if (record.openedAt >= 0) assigned(record, isAtOnce ? startedAt : now());
}

/** A request that came to its connection without an http.Agent: by `createConnection`, or by an agent of another kind. */
function unannounced(request) {
  const isTLS = request.protocol === 'https:';
  const header = request.getHeader ? String(request.getHeader('host') || '') : '';
  const port = /:(\d+)$/.exec(header);
  const number = port ? Number(port[1]) : isTLS ? 443 : 80;
  const cache = isTLS ? singleUse.secure : singleUse.plain;
  const host = cache.find(request.socketPath || request.host || 'localhost', request.socketPath ? 0 : number);
  host.started += 1;
  return RequestTag.put(request, new RequestRecord(host, null, now()));
}

const onResponse = guarded(({ request }) => {
  const record = SocketTag.of(request.socket);
  if (record === undefined || record.request !== request || record.headAt !== 0) return;
  const at = now();
  record.headAt = at;
  if (record.isTimed) record.host.firstByte.record(at - record.assignedAt);
});

const onRequestError = guarded(({ request, error }) => {
  const record = request.socket ? SocketTag.of(request.socket) : undefined;
  if (record !== undefined && record.request === request && record.error === null) record.error = error;
});

/** Takes in the connections and the queue that an agent had before the hook. */
function adopt(agent, record) {
  for (const [set, isFree] of [[agent.sockets, false], [agent.freeSockets, true]]) {
    for (const name of Object.keys(set || {})) {
      for (const socket of set[name]) if (SocketTag.of(socket) === undefined) adoptSocket(agent, record, name, socket, isFree);
    }
  }
  for (const name of Object.keys(agent.requests || {})) {
    for (const request of agent.requests[name]) {
      if (RequestTag.of(request) !== undefined) continue;
      const host = hostOfName(agent, record, name, undefined);
      host.started += 1;
      host.waiting.add(RequestTag.put(request, new RequestRecord(host, record, now())));
    }
  }
}

function adoptSocket(agent, record, name, socket, isFree) {
  const host = hostOfName(agent, record, name, socket);
  const socketRecord = track(socket, host, record, agent, false);
  const request = socket._httpMessage;
  if (isFree || !request || request.destroyed) return;
  host.started += 1;
  socketRecord.request = request;
  socketRecord.startedAt = socketRecord.createdAt;
  socketRecord.isTimed = false;
  if (socketRecord.openedAt >= 0) assigned(socketRecord, socketRecord.createdAt);
}

/** The host of an agent's own name for it (`host:port:localAddress…`), where the host may have colons. */
function hostOfName(agent, record, name, socket) {
  const port = socket && endsOf(socket).remotePort;
  const end = port ? name.indexOf(`:${port}:`) : -1;
  const parts = end > 0 ? [name, name.slice(0, end), port] : /^(.*?):(\d*):/.exec(name) || [name, name, ''];
  const isTLS = agent.protocol === 'https:';
  return (isTLS ? record.secure : record.plain).find(parts[1], Number(parts[2]) || agent.defaultPort);
}

// ------------------------------------------------------------------------------------------------------------- undici

/** The property of an object whose key is a symbol with this description; undici's and Node's are not public. */
function symbolNamed(object, description) {
  for (const symbol of Object.getOwnPropertySymbols(object)) if (symbol.description === description) return object[symbol];
  return undefined;
}

const hostsOfOrigins = new Map();
let latestOrigin = '';
let latestOriginHost = null;

function undiciHost(origin) {
  if (origin === latestOrigin) return latestOriginHost;
  let host = hostsOfOrigins.get(origin);
  if (host === undefined) {
    const url = new URL(String(origin));
    host = originHost(url.protocol, url.hostname, url.port);
    const mayKeep = typeof origin === 'string' && origin.length <= MAX_HOSTNAME && hostsOfOrigins.size < MAX_HOSTS;
    if (mayKeep) hostsOfOrigins.set(origin, host);
  }
  latestOrigin = origin;
  latestOriginHost = host;
  return host;
}

function originHost(protocol, hostname, port) {
  const isTLS = protocol === 'https:';
  const bare = hostname[0] === '[' ? hostname.slice(1, -1) : hostname;
  const host = hostOf(isTLS, bare, port || (isTLS ? 443 : 80));
  host.usesUndici = true;
  return host;
}

function createdByUndici(request) {
  const host = undiciHost(request.origin);
  const record = new RequestRecord(host, null, now());
  host.started += 1;
  if (latestCreated !== null) enqueueLatest();
  latestCreated = RequestTag.put(request, record);
  return record;
}

/** The request that undici has created, as long as it has told nothing since: if it is sent then, it has not waited. */
let latestCreated = null;

function enqueueLatest() {
  const record = latestCreated;
  latestCreated = null;
  if (record !== null && !record.isDone) record.host.waiting.add(record);
}

const onUndiciCreate = guarded(({ request }) => createdByUndici(request));

const onUndiciSend = guarded(({ request, socket }) => {
  const record = RequestTag.of(request) || createdByUndici(request);
  if (record.isDone || record.socket !== null) return;
  const host = record.host;
  const isAtOnce = record === latestCreated;
  const at = isAtOnce ? record.startedAt : now();
  const socketRecord = SocketTag.of(socket) || adoptUndici(socket, host, false);
  if (isAtOnce) latestCreated = null;
  else enqueueLatest();
  host.waiting.remove(record);
  record.socket = socketRecord;
  record.assignedAt = at;
  socketRecord.inFlight += 1;
  socketRecord.startedAt = at;
  socketRecord.exchanges += 1;
  if (socketRecord.exchanges === 1) host.onNew += 1;
  else host.onReused += 1;
  if (isAtOnce) host.notQueued += 1;
  else host.queueWait.record(at - record.startedAt);
  const client = socketRecord.client;
  socketRecord.sentClose = client && client.pipelining === 0 ? 'pipelining' : request.reset ? 'request' : '';
  if (request.upgrade || request.method === 'CONNECT') {
    // undici hands the connection to the application without a further word.
    endUndici(record, at).succeeded += 1;
    closed(socketRecord, 'upgraded');
    removeListeners(socket);
  }
});

const onUndiciHeaders = guarded(({ request, response }) => {
  if (latestCreated !== null) enqueueLatest();
  const record = RequestTag.of(request);
  if (record === undefined || record.isDone || response.statusCode < 200 || record.headAt > 0) return;
  const at = now();
  if (record.isListed) {
    // HTTP/2 tells nothing when it sends a request.
    record.host.waiting.remove(record);
    record.host.unattached += 1;
    record.assignedAt = at;
  }
  record.headAt = at;
  record.status = response.statusCode;
  record.host.firstByte.record(at - record.assignedAt);
});

const onUndiciTrailers = guarded(({ request }) => {
  const record = RequestTag.of(request);
  if (record === undefined || record.isDone) return;
  const at = now();
  const host = endUndici(record, at);
  host.succeeded += 1;
  countStatus(host, record.status);
  recordEnd(host, at, record.startedAt, record.assignedAt);
});

const onUndiciError = guarded(({ request, error }) => {
  const record = RequestTag.of(request);
  if (record === undefined || record.isDone) return;
  const host = endUndici(record, now());
  const code = codeOf(error);
  if (code === 'UND_ERR_ABORTED' || code === 'ABORT_ERR' || (error && error.name === 'AbortError')) host.cancelled += 1;
  else countFailure(host, causeOf(error, record.assignedAt > 0));
});

function endUndici(record, at) {
  const host = record.host;
  if (latestCreated !== null) enqueueLatest();
  record.isDone = true;
  host.waiting.remove(record);
  if (record.socket !== null) {
    record.socket.inFlight -= 1;
    record.socket.idleSince = at;
  } else if (record.headAt > 0) {
    host.unattached -= 1;
  }
  return host;
}

/** The host that undici is dialling, until its connector has made a socket, which it does at once. */
let dialling = null;

const onUndiciDial = guarded(({ connectParams }) => {
  enqueueLatest();
  dialling = originHost(connectParams.protocol, connectParams.hostname, connectParams.port);
  queueMicrotask(() => { dialling = null; });
});

function wrapConnect(original) {
  return function connect() {
    if (dialling === null) return original.apply(this, arguments);
    const host = dialling;
    dialling = null;
    const result = original.apply(this, arguments);
    try {
      if (isActive && SocketTag.of(this) === undefined) track(this, host, null, null, true);
    } catch (error) {
      swallow(error);
    }
    return result;
  };
}

const onUndiciConnected = guarded(({ connectParams, socket }) => {
  enqueueLatest();
  const host = originHost(connectParams.protocol, connectParams.hostname, connectParams.port);
  const record = SocketTag.of(socket) || adoptUndici(socket, host, true);
  noteClient(record, socket);
});

function adoptUndici(socket, host, isNew) {
  const record = track(socket, host, null, null, isNew);
  if (!isNew) noteClient(record, socket);
  return record;
}

/** undici's clients are reached by their sockets; nothing else is common to all copies of undici. */
const clients = new Set();

class ClientRecord {
  constructor(client, host) {
    this.reference = new WeakRef(client);
    this.host = host;
    this.before = undefined;
    this.ours = undefined;
  }
}

function noteClient(record, socket) {
  const client = symbolNamed(socket, 'client');
  if (!client || typeof client.pipelining !== 'number') return;
  record.client = client;
  let known = AgentTag.of(client);
  if (known === undefined) {
    clients.add((known = AgentTag.put(client, new ClientRecord(client, record.host))));
    if (clients.size % 64 === 0) for (const one of clients) if (!one.reference.deref()) clients.delete(one);
  }
  if (settingsVersion > 0) applyToClient(known);
}

/** Takes in the connections of fetch and of undici's global dispatcher from before the hook. */
function adoptGlobalDispatcher() {
  for (const version of [1, 2]) {
    const dispatcher = globalThis[Symbol.for(`undici.globalDispatcher.${version}`)];
    if (dispatcher) adoptDispatcher(dispatcher, 0);
  }
}

function adoptDispatcher(dispatcher, depth) {
  const inner = symbolNamed(dispatcher, 'clients');
  if (inner && depth < 4) {
    for (const entry of inner instanceof Map ? inner.values() : inner) {
      const next = typeof entry.deref === 'function' ? entry.deref() : entry.dispatcher || entry;
      if (next) adoptDispatcher(next, depth + 1);
    }
  }
  const socket = symbolNamed(dispatcher, 'socket');
  const url = symbolNamed(dispatcher, 'url');
  if (!socket || socket.destroyed || !url || SocketTag.of(socket) !== undefined) return;
  adoptUndici(socket, originHost(url.protocol, url.hostname, url.port), false);
}

// ------------------------------------------------------------------------------------------ Pools from before the hook

/**
 * Takes in what a running process has. Pools that use a connection now are found by it, which costs nothing. Those that are
 * idle are known to the garbage collector alone, which tells them through the inspector; the others are taken in when they
 * are next used.
 */
function adoptOthers() {
  const sockets = process._getActiveHandles().filter((one) => one instanceof net.Socket);
  const found = process.memoryUsage().heapUsed > MAX_SEARCHED_HEAP ? [] : instancesOf(http.Agent.prototype);
  const others = found.length === 0 ? [] : instancesOf(net.Socket.prototype);
  for (const socket of sockets) {
    const request = socket._httpMessage;
    if (request instanceof http.ClientRequest && request.agent) found.push(request.agent);
  }
  for (const agent of found) if (isPool(agent)) agentRecord(agent, null);
  for (const socket of [...sockets, ...others]) {
    const client = symbolNamed(socket, 'client');
    if (client) adoptDispatcher(client, 0);
  }
}

/** True for an http.Agent, and not for a prototype of one. */
const isPool = (agent) => Object.hasOwn(agent, 'sockets') && Object.hasOwn(agent, 'freeSockets');

/** Every object that inherits from this one; none where Node was built without an inspector. */
function instancesOf(prototype) {
  let found = [];
  const bridge = Symbol.for('pooltop.bridge');
  try {
    const { Session } = load('inspector');
    const session = new Session();
    session.connect();
    const name = "globalThis[Symbol.for('pooltop.bridge')]";
    globalThis[bridge] = { prototype, keep: (list) => { found = Array.from(list); } };
    session.post('Runtime.evaluate', { expression: `${name}.prototype` }, (error, answer) => {
      session.post('Runtime.queryObjects', { prototypeObjectId: answer.result.objectId }, (failure, { objects }) => {
        session.post('Runtime.callFunctionOn', { objectId: objects.objectId, functionDeclaration: `function () { ${name}.keep(this); }` });
      });
    });
    session.disconnect();
  } catch (error) {
    debug(error.message);
  }
  delete globalThis[bridge];
  return found;
}

// ---------------------------------------------------------------------------------------------------------------- DNS

/** Lookups by name. Node has no cache, so each of them asked the system. */
const names = new Map();
const lookups = { all: 0, failures: 0 };

const lookedUp = guarded((lookup, error) => {
  const { hostname, begun, result } = lookup;
  lookups.all += 1;
  if (error) lookups.failures += 1;
  const host = hostsByName.get(hostname);
  if (host !== undefined) host.dnsLookup.record(now() - begun);
  let record = names.get(hostname);
  if (record === undefined) {
    if (names.size >= MAX_NAMES || hostname.length > MAX_TEXT) return;
    names.set(hostname, (record = { lookups: 0, addresses: [], failure: '' }));
  }
  record.lookups += 1;
  record.failure = error ? causeOf(error, false) : '';
  if (error) return;
  const list = Array.isArray(result) ? result : [result];
  record.addresses = list.slice(0, 16).map((one) => String(one && one.address ? one.address : one));
});

const asksSystem = (hostname) => typeof hostname === 'string' && hostname !== '' && net.isIP(hostname) === 0;

function wrapLookup(original) {
  return function lookup(hostname, options, callback) {
    const given = typeof options === 'function' ? options : callback;
    if (!isActive || typeof given !== 'function' || !asksSystem(hostname)) return original.apply(this, arguments);
    const begun = now();
    const counted = function (error, address, family) {
      lookedUp({ hostname, begun, result: address }, error);
      return given.call(this, error, address, family);
    };
    return typeof options === 'function' ? original.call(this, hostname, counted)
      : original.call(this, hostname, options, counted);
  };
}

function wrapPromisedLookup(original) {
  return function lookup(hostname, options) {
    const promise = original.call(this, hostname, options);
    if (!isActive || !asksSystem(hostname)) return promise;
    const begun = now();
    return promise.then(
      (result) => {
        lookedUp({ hostname, begun, result }, null);
        return result;
      },
      (error) => {
        lookedUp({ hostname, begun, result: [] }, error);
        throw error;
      });
  };
}

// ----------------------------------------------------------------------------------------------------------- Settings

const SETTINGS = ['keepAlive', 'maxSockets', 'maxFreeSockets', 'maxTotalSockets', 'scheduling'];
const PER_HOST = ['keepAlive', 'maxSockets', 'maxFreeSockets'];

/** Grows with each change, so that an agent that was not reached notices at its next request. */
let settingsVersion = 0;

/** The changes in force, each a list of who made it with which value: the last one counts. */
const changes = [];

function changeOf(setting, host) {
  return changes.find((change) => change.setting === setting && change.host === host);
}

function valueOf(setting, host) {
  const change = changeOf(setting, host);
  return change === undefined ? undefined : change.made[change.made.length - 1].value;
}

/** The value that an agent is to have; undefined: its own. An agent with one host follows that host's settings. */
function wantedValue(record, setting) {
  if (record.hosts.size === 1 && PER_HOST.includes(setting)) {
    const [host] = record.hosts;
    const own = valueOf(setting, host);
    // Without keep-alive for one host its requests are marked instead, which serves agents with several hosts too.
    if (own !== undefined && !(setting === 'keepAlive' && own === false)) return own;
  }
  return valueOf(setting, null);
}

function applySettings(record) {
  record.version = settingsVersion;
  const agent = record.agent();
  if (agent === null) return false;
  let hasChanged = false;
  for (const setting of SETTINGS) {
    const value = wantedValue(record, setting);
    const change = record.changed.get(setting);
    const current = agent[setting];
    // The application may have set it meanwhile; then that is what will be put back.
    if (change !== undefined && current !== change.ours) change.before = current;
    if (value === undefined) {
      if (change === undefined) continue;
      record.changed.delete(setting);
      agent[setting] = change.before;
    } else {
      if (change !== undefined) change.ours = value;
      else if (current !== value) record.changed.set(setting, { before: current, ours: value });
      agent[setting] = value;
    }
    hasChanged = hasChanged || agent[setting] !== current;
  }
  return hasChanged;
}

/** undici's way to switch keep-alive off is `pipelining = 0`: then its requests carry `Connection: close`. */
function applyToClient(record) {
  const client = record.reference.deref();
  if (client === undefined) return false;
  const own = valueOf('keepAlive', record.host);
  const value = own === undefined ? valueOf('keepAlive', null) : own;
  if (record.ours !== undefined && client.pipelining !== record.ours) record.before = undefined;
  const original = record.before === undefined ? client.pipelining : record.before;
  const wanted = value === undefined ? original : value ? Math.max(1, original) : 0;
  record.before = value === undefined ? undefined : original;
  record.ours = value === undefined ? undefined : wanted;
  if (client.pipelining === wanted) return false;
  client.pipelining = wanted;
  return true;
}

/** Brings every agent and client that can be reached to the changes in force; the others follow when they are used. */
function applyEverywhere() {
  settingsVersion += 1;
  for (const host of hosts) {
    host.keepAlive = valueOf('keepAlive', host);
    host.maxSockets = valueOf('maxSockets', host);
  }
  const reached = { agents: 0, clients: 0 };
  for (const record of agents) if (applySettings(record)) reached.agents += 1;
  for (const record of clients) if (applyToClient(record)) reached.clients += 1;
  for (const record of agents) {
    trimFree(record);
    letQueueGo(record);
  }
  closeWhereDisabled();
  return reached;
}

function closeWhereDisabled() {
  for (const host of hosts) {
    for (const record of host.sockets) {
      if (host.keepAlive === false && record.request !== null) record.request.shouldKeepAlive = false;
      if (!isIdle(record)) continue;
      const agent = record.agent === null ? null : record.agent.agent();
      const isOff = host.keepAlive === false || (agent !== null && agent.keepAlive === false)
        || (record.client !== null && record.client.pipelining === 0);
      if (isOff) closeIdle(record, 'keepAliveDisabled');
    }
  }
}

const isIdle = (record) => record.openedAt >= 0 && record.inFlight === 0 && record.request === null;

function closeIdle(record, reason) {
  record.reason = reason;
  record.socket.destroy();
}

/** Closes free connections that a lowered limit no longer allows. */
function trimFree(record) {
  const agent = record.agent();
  if (agent === null) return;
  for (const name of Object.keys(agent.freeSockets || {})) {
    const free = agent.freeSockets[name];
    const used = agent.sockets[name] ? agent.sockets[name].length : 0;
    const room = Math.max(0, Math.min(agent.maxFreeSockets, agent.maxSockets - used));
    for (const socket of free.slice(0, Math.max(0, free.length - room))) {
      const socketRecord = SocketTag.of(socket);
      if (socketRecord !== undefined && isIdle(socketRecord)) closeIdle(socketRecord, 'idleLimitHost');
    }
  }
}

/**
 * Gives waiting requests the connections that a raised limit allows. Node looks at its queue only when a connection is
 * freed or closed, so they are taken from the queue and added again, in their order and their asynchronous context.
 */
function letQueueGo(record) {
  const agent = record.agent();
  if (agent === null) return;
  for (const name of Object.keys(agent.requests || {})) {
    const queue = agent.requests[name];
    const waiting = RequestTag.of(queue[0]);
    const own = waiting !== undefined && record.hosts.size > 1 ? waiting.host.maxSockets : undefined;
    const used = (agent.sockets[name] || []).length + (agent.freeSockets[name] || []).length;
    const total = agent.maxTotalSockets === undefined ? Infinity : agent.maxTotalSockets - agent.totalSocketCount;
    const room = Math.min((own === undefined ? agent.maxSockets : own) - used, total, queue.length);
    for (let count = 0; count < room; count += 1) if (!addAgain(agent, name)) break;
  }
}

function addAgain(agent, name) {
  const queue = agent.requests[name];
  if (queue === undefined || queue.length === 0) return false;
  const request = queue[0];
  const options = symbolNamed(request, 'requestOptions');
  if (!options) return false;
  queue.shift();
  if (queue.length === 0) delete agent.requests[name];
  const context = symbolNamed(request, 'requestAsyncResource');
  const add = () => agent.addRequest(request, options);
  if (context && typeof context.runInAsyncScope === 'function') context.runInAsyncScope(add);
  else add();
  return true;
}

/** A value that a viewer sent, as agents have it; undefined: not a value of this setting. Zero means no limit. */
function settingValue(setting, value) {
  if (setting === 'keepAlive') return typeof value === 'boolean' ? value : undefined;
  if (setting === 'scheduling') return value === 'lifo' || value === 'fifo' ? value : undefined;
  if (!Number.isSafeInteger(value) || value < 0) return undefined;
  return value === 0 && setting !== 'maxFreeSockets' ? Infinity : value;
}

/** Why a setting cannot be changed for this host alone; empty: it can. */
function refusalForHost(setting, value, host) {
  if (!PER_HOST.includes(setting)) return `${setting} is a setting of a whole agent, not of one host.`;
  if (host === otherHost) return 'This row sums up several hosts.';
  if (setting === 'keepAlive' && value === false) return '';
  const serving = [...host.agents].filter((record) => record.agent() !== null);
  if (setting === 'keepAlive' && host.usesUndici && serving.length === 0) return '';
  if (serving.length === 0) return `No http.Agent serves this host, and other clients have no ${setting} that can be set.`;
  if (setting === 'maxSockets' || serving.every((record) => record.hosts.size === 1)) return '';
  return `An agent that serves this host serves others too, and its ${setting} holds for all of them.`;
}

const counted = (number, noun) => `${number} ${noun}${number === 1 ? '' : 's'}`;
const shown = (value) => (value === Infinity ? 'no limit' : String(value));

function changeSetting(viewer, setting, value, host) {
  let change = changeOf(setting, host);
  if (change === undefined) changes.push((change = { setting, host, made: [] }));
  change.made = change.made.filter((made) => made.viewer !== viewer);
  const before = change.made.length > 0 ? change.made[change.made.length - 1].value : undefined;
  change.made.push({ viewer, value });
  const reached = applyEverywhere();
  if (setting === 'keepAlive') notice('mark', value ? 'keepAliveOn' : 'keepAliveOff', host);
  else {
    const from = before === undefined ? 'its own' : shown(before);
    notice('mark', 'programSettingChanged', host, { setting, before: from, after: shown(value) });
  }
  return effectsOf(setting, value, host, reached);
}

function effectsOf(setting, value, host, reached) {
  const effects = [];
  const about = host === null ? '' : ` for ${host.name}`;
  const changed = `${counted(reached.agents, 'agent')} and ${counted(reached.clients, 'undici client')}`;
  effects.push(`${setting} is ${shown(value)}${about}; ${changed} changed.`);
  if (host === null) effects.push('Agents that are made or used later follow.');
  if (setting === 'keepAlive' && value === false) {
    effects.push('Idle connections were closed.');
    if (hosts.some((one) => [...one.sockets].some((record) => record.socket.alpnProtocol === 'h2'))) {
      effects.push('HTTP/2 has no Connection: close, so undici goes on using its HTTP/2 connections.');
    }
    if (host !== null) effects.push('Each request to this host asks for Connection: close.');
    else if ([...agents].some(reusesUnderBacklog)) {
      effects.push('An agent with a finite maxSockets still reuses a connection for a request that waits in its queue.');
    }
  }
  if (setting === 'keepAlive' && value === true) effects.push('Servers still close idle connections by their own limits.');
  if (setting !== 'keepAlive' && hosts.some((one) => one.usesUndici)) {
    effects.push(`undici has no ${setting} that can be set; its pools stay as they are.`);
  }
  return effects;
}

function reusesUnderBacklog(record) {
  const agent = record.agent();
  return agent !== null && Number.isFinite(agent.maxSockets);
}

/** Takes back what a viewer changed. What another viewer changed after it stays. */
function restore(viewer) {
  let count = 0;
  const undone = [];
  for (const change of changes) {
    if (!change.made.some((made) => made.viewer === viewer)) continue;
    count += 1;
    undone.push(change);
    change.made = change.made.filter((made) => made.viewer !== viewer);
  }
  if (count === 0) return 0;
  for (let index = changes.length - 1; index >= 0; index -= 1) if (changes[index].made.length === 0) changes.splice(index, 1);
  applyEverywhere();
  for (const change of undone) {
    if (change.setting === 'keepAlive') notice('mark', keepAliveOf(change.host) ? 'keepAliveOn' : 'keepAliveOff', change.host);
    else notice('mark', 'settingsChanged', change.host);
  }
  return count;
}

// ---------------------------------------------------------------------------------------------------------- Snapshots

const rounded = (value) => Math.round(value * 1e6) / 1e6;
const limit = (value) => (Number.isFinite(value) ? value : 0);

/** The agents that serve a host now; of all hosts for null. */
function liveAgents(host) {
  const live = [];
  for (const record of host === null ? agents : host.agents) {
    const agent = record.agent();
    if (agent !== null) live.push(agent);
    else record.hosts.forEach((one) => one.agents.delete(record));
  }
  return live;
}

function keepAliveOf(host) {
  if (host !== null && host.keepAlive !== undefined) return host.keepAlive;
  for (const record of clients) {
    const client = record.reference.deref();
    if (client !== undefined && (host === null || record.host === host) && client.pipelining > 0) return true;
  }
  return liveAgents(host).some((agent) => agent.keepAlive === true);
}

function largest(live, setting) {
  return live.reduce((most, agent) => Math.max(most, agent[setting] === undefined ? Infinity : agent[setting]), 0);
}

/** The counts of one host, where what is present is counted here and now. */
function metricsOf(host) {
  const present = { connecting: 0, active: 0, idle: 0, inFlight: host.unattached, queued: host.waiting.size };
  let sent = host.sent;
  let received = host.received;
  for (const record of host.sockets) {
    if (record.openedAt < 0) {
      present.connecting += 1;
      if (record.request !== null) present.queued += 1;
      continue;
    }
    if (record.inFlight > 0) present.active += 1;
    else present.idle += 1;
    present.inFlight += record.inFlight;
    sent += bytesSent(record);
    received += bytesReceived(record);
  }
  const statuses = {};
  host.statuses[200] = host.answered200;
  host.queueWait.zeros = host.notQueued;
  host.statuses.forEach((count, status) => { if (count > 0) statuses[status] = count; });
  const latency = {};
  for (const name of DURATIONS) latency[name] = host[name].toJSON();
  const dials = host.opened + host.dialFailed + present.connecting;
  return {
    requests: {
      started: host.started, succeeded: host.succeeded, failed: host.failed, cancelled: host.cancelled,
      inFlight: present.inFlight, queued: present.queued, onNewConnection: host.onNew,
      onReusedConnection: host.onReused,
    },
    statuses,
    errors: Object.fromEntries(host.errors),
    connections: {
      dials, attempts: dials, dialFailed: host.dialFailed, connecting: present.connecting, opened: host.opened,
      openedBefore: host.openedBefore, closed: host.closed, active: present.active, idle: present.idle, peakOpen: host.peakOpen,
      closedByReason: Object.fromEntries(host.reasons),
    },
    tls: { handshakes: host.handshakes, resumed: host.resumed, failed: host.tlsFailed },
    bytes: { sent, received },
    latency,
  };
}

/** Ages of what waits and runs. */
function addWaits(document, host, at) {
  let waiting = host.waiting.first === null ? Infinity : host.waiting.first.startedAt;
  let active = Infinity;
  let dial = null;
  const ages = new Map();
  for (const record of host.sockets) {
    if (record.openedAt < 0) {
      if (record.request !== null) waiting = Math.min(waiting, record.startedAt);
      if (dial === null) dial = record;
    } else if (record.inFlight > 0) {
      const since = record.agent === null ? record.startedAt : record.assignedAt;
      active = Math.min(active, since);
      countAge(ages, at - since, record);
    }
  }
  if (waiting < Infinity) document.oldestWaitSeconds = rounded(seconds(at - waiting));
  if (active < Infinity) document.oldestActiveSeconds = rounded(seconds(at - active));
  if (dial !== null && at - dial.createdAt >= 1000) {
    document.oldestDial = { state: stateOf(dial), seconds: rounded(seconds(at - dial.createdAt)) };
  }
  if (ages.size > 0) document.inFlightAges = [...ages.values()].sort((a, b) => a.atLeastSeconds - b.atLeastSeconds);
}

/** Counts a request that has been in flight for a second or more, by powers of two. */
function countAge(ages, milliseconds, record) {
  if (milliseconds < 1000) return;
  const atLeastSeconds = 2 ** Math.floor(Math.log2(milliseconds / 1000));
  const age = ages.get(atLeastSeconds) || { atLeastSeconds, requests: 0, inBody: 0 };
  age.requests += record.inFlight;
  if (record.headAt > 0) age.inBody += 1;
  ages.set(atLeastSeconds, age);
}

function stateOf(record) {
  const socket = record.socket;
  if (record.openedAt < 0) {
    if (record.connectedAt > 0) return 'handshaking';
    return record.lookedUpAt === 0 && record.host.isName ? 'resolving' : 'connecting';
  }
  if (socket.destroyed) return 'closing';
  if (record.inFlight === 0) return 'idle';
  if (record.headAt > 0) return 'readingBody';
  return record.request !== null && !record.request.writableFinished ? 'writing' : 'awaitingHead';
}

function socketDocument(record, at) {
  const socket = record.socket;
  const state = stateOf(record);
  const document = { id: record.id, state, ageSeconds: rounded(seconds(at - record.createdAt)), exchanges: record.exchanges };
  const { localPort, remoteAddress, remotePort } = endsOf(socket);
  if (localPort) document.localPort = localPort;
  if (remoteAddress) document.peer = addressText(remoteAddress, remotePort);
  if (state === 'idle') document.idleSeconds = rounded(seconds(at - record.idleSince));
  if (record.inFlight > 0) {
    document.exchangeSeconds = rounded(seconds(at - (record.agent === null ? record.startedAt : record.assignedAt)));
    if (record.request !== null) document.method = String(record.request.method).slice(0, 16);
  }
  if (state === 'idle' && socket.timeout > 0) {
    document.expiresInSeconds = rounded(seconds(socket.timeout - (at - record.idleSince)));
    document.expiresBy = 'own';
  }
  return document;
}

const addressText = (address, port) => (net.isIP(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`);

function addressDocuments(host) {
  const list = [];
  for (const [address, counts] of host.addresses) {
    let exchanges = counts.exchanges;
    for (const record of host.sockets) if (record.address === address) exchanges += record.exchanges;
    list.push({
      address: addressText(address, counts.port), connectionsOpened: counts.opened, open: counts.open, exchanges,
      isInDNS: true, isSuspect: false,
    });
  }
  return list;
}

function hostDocument(host, at, wantsSockets, budget) {
  const live = liveAgents(host);
  const document = {
    id: host.id, name: host.name, origin: host.origin, isTLS: host.isTLS, keepAlive: keepAliveOf(host),
    keepAliveIsOwn: host.keepAlive !== undefined,
    maxSockets: limit(host.maxSockets === undefined ? largest(live, 'maxSockets') : host.maxSockets),
    maxFreeSockets: limit(largest(live, 'maxFreeSockets')), idleLimitOrigin: 'none', metrics: metricsOf(host),
    certainty: certaintyOf(host, live), addresses: addressDocuments(host),
  };
  const timeouts = live.map((agent) => (agent.options && agent.options.timeout) || 0).filter((timeout) => timeout > 0);
  if (timeouts.length > 0) {
    document.idleLimitOrigin = 'own';
    document.idleLimitSeconds = Math.min(...timeouts) / 1000;
  }
  if (host.hintTimeout > 0) document.hintTimeoutSeconds = host.hintTimeout;
  if (host.hintMax > 0) document.hintMax = host.hintMax;
  if (host.idleAges.length > 0) document.learnedIdleSeconds = rounded(median(host.idleAges));
  if (host.lastConnectFailure !== '') document.lastConnectFailure = host.lastConnectFailure;
  if (host.lastTLSFailure !== '') document.lastTLSFailure = host.lastTLSFailure;
  addWaits(document, host, at);
  if (wantsSockets) {
    document.sockets = {};
    for (const record of host.sockets) {
      if (budget.sockets === 0) break;
      budget.sockets -= 1;
      document.sockets[record.id] = socketDocument(record, at);
    }
  }
  return document;
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

/** Reasons are inferred from what is left of a connection; undici tells no limits; attempts within a dial are not seen. */
function certaintyOf(host, live) {
  const certainty = { closeReasons: 'estimate' };
  if (live.length === 0) certainty.limits = 'unknown';
  return certainty;
}

function dnsDocuments() {
  const records = [];
  for (const [name, record] of names) {
    const host = hostsByName.get(name);
    if (host === undefined) continue;
    const document = {
      hostID: host.id, name, addresses: record.addresses, ttlSeconds: 0, remainingSeconds: 0,
      hits: 0, misses: record.lookups, source: 'getaddrinfo',
    };
    if (record.failure !== '') document.negative = record.failure;
    records.push(document);
  }
  return records;
}

function processDocument() {
  const usage = process.cpuUsage();
  const cpuSeconds = rounded((usage.user + usage.system) / 1e6);
  const thread = typeof process.threadCpuUsage === 'function' ? process.threadCpuUsage() : usage;
  return {
    cpuSeconds, agentCPUSeconds: rounded((thread.user + thread.system) / 1e6),
    maxResidentBytes: process.resourceUsage().maxRSS * 1024,
  };
}

let snapshotSequence = 0;

/** Leaves out what may grow; durations are unknown then, and the counts stay exact. */
function leaveOutDetails(document) {
  delete document.metrics.latency;
  document.addresses = [];
  document.certainty.latency = 'unknown';
  delete document.sockets;
}

/**
 * The whole document. `wanted` is the set of hosts whose sockets are listed, or 'all'; of so many hosts, the busiest, there
 * are details.
 */
function snapshot(wanted, detailed) {
  const at = now();
  sortCollected();
  enqueueLatest();
  const budget = { sockets: MAX_LISTED_SOCKETS };
  const byID = {};
  const busiest = hosts.length <= detailed ? null : new Set([...hosts].sort((a, b) => b.started - a.started).slice(0, detailed));
  for (const host of hosts) {
    const document = hostDocument(host, at, wanted === 'all' || wanted.has(host.id), budget);
    if (busiest !== null && !busiest.has(host)) leaveOutDetails(document);
    byID[host.id] = document;
  }
  snapshotSequence += 1;
  return {
    sequence: snapshotSequence, takenAt: Date.now() / 1000, uptimeSeconds: rounded(seconds(at - startedAt)),
    // Agents that nothing uses, as the global one, do not matter.
    keepAlive: hosts.length > 0 ? hosts.some((host) => keepAliveOf(host)) : keepAliveOf(null),
    dnsCacheEnabled: false, draining: false,
    maxTotalSockets: limit(largest(liveAgents(null), 'maxTotalSockets')),
    hosts: byID,
    dns: { lookups: lookups.all, misses: lookups.all, failures: lookups.failures, queries: lookups.all },
    dnsRecords: dnsDocuments(), process: processDocument(), events: events.slice(), ignoredEvents: internalErrors,
    source: { kind: 'attach', name: processName(), pid: process.pid, scope: 'process', notes: notes() },
  };
}

function notes() {
  if (isActive) return [];
  return [{ label: 'hookDisabled', count: internalErrors, subject: lastInternalError }];
}

/** The program's name. Arguments are left out: they may hold secrets. */
function processName() {
  const script = process.argv[1] ? ` ${path.basename(process.argv[1])}` : '';
  return (path.basename(process.execPath) + script).slice(0, MAX_TEXT);
}

/** The merge patch (RFC 7396) that makes `before` into `after`; undefined where they are equal. */
function difference(before, after) {
  if (before === after) return undefined;
  if (!isObject(before) || !isObject(after)) return isEqual(before, after) ? undefined : after;
  let patch;
  for (const key of Object.keys(after)) {
    const change = Object.hasOwn(before, key) ? difference(before[key], after[key]) : after[key];
    if (change !== undefined) (patch = patch || {})[key] = change;
  }
  for (const key of Object.keys(before)) if (!Object.hasOwn(after, key)) (patch = patch || {})[key] = null;
  return patch;
}

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

function isEqual(one, other) {
  if (one === other) return true;
  if (!Array.isArray(one) || !Array.isArray(other) || one.length !== other.length) return false;
  return one.every((element, index) => (
    isObject(element) ? difference(element, other[index]) === undefined : isEqual(element, other[index])));
}

// ------------------------------------------------------------------------------------------------------------ Viewers

const viewers = new Set();

/** So many hosts, the busiest, are sent with durations, addresses and sockets. A snapshot that was too long lowers it. */
let detailedHosts = Infinity;

/**
 * The connection of one viewer. One request is worked on at a time, and no further byte is read until its answer is
 * with the kernel, so a viewer that does not read costs at most one answer.
 */
class Viewer {
  constructor(socket) {
    this.socket = socket;
    this.input = Buffer.alloc(0);
    this.isBusy = false;
    this.hello = null;
    this.sent = null;
    this.sentID = 0;
    // A place is not kept for a connection that says nothing.
    this.deadline = setTimeout(() => socket.destroy(), MAX_SILENCE).unref();
    socket.unref();
    socket.on('data', (chunk) => this.receive(chunk));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.leave());
  }

  receive(chunk) {
    this.input = this.input.length === 0 ? chunk : Buffer.concat([this.input, chunk]);
    this.work();
  }

  work() {
    try {
      while (!this.isBusy && !this.socket.destroyed) {
        const end = this.input.indexOf(10);
        if (end > MAX_LINE_IN || (end < 0 && this.input.length > MAX_LINE_IN)) return void this.socket.destroy();
        if (end < 0) return;
        const line = this.input.subarray(0, end).toString('utf8');
        this.input = this.input.subarray(end + 1);
        this.handle(line);
      }
    } catch (error) {
      debug(error.stack);
      this.socket.destroy();
    }
  }

  send(message, then) {
    this.write(JSON.stringify(message), then);
  }

  write(line, then) {
    this.isBusy = true;
    this.socket.pause();
    this.socket.write(`${line}\n`, () => {
      this.isBusy = false;
      if (then) then();
      this.socket.resume();
      this.work();
    });
  }

  refuse(id, why) {
    this.send({ type: 'refused', id, why });
  }

  handle(line) {
    let message;
    try {
      message = JSON.parse(line);
    } catch {
      return this.socket.destroy();
    }
    if (!isObject(message) || typeof message.type !== 'string') return this.socket.destroy();
    if (this.hello === null) {
      if (message.type !== 'hello' || message.protocol !== PROTOCOL) return this.socket.destroy();
      this.hello = { allowChanges: message.allowChanges === true };
      clearTimeout(this.deadline);
      return undefined;
    }
    if (!Number.isSafeInteger(message.id)) return undefined;
    return this.answer(message);
  }

  answer(message) {
    const id = message.id;
    if (message.type === 'get') return this.get(message);
    const request = REQUESTS[message.type];
    if (!Object.hasOwn(REQUESTS, message.type)) return this.refuse(id, 'This agent does not know such a request.');
    if (!this.hello.allowChanges) return this.refuse(id, 'This viewer was started without --allow-changes.');
    if (!isActive) return this.refuse(id, 'The hook has disabled itself after errors of its own.');
    const isOne = Number.isSafeInteger(message.host);
    const host = message.host === undefined ? null : isOne ? hosts[message.host] : undefined;
    if (host === undefined) return this.refuse(id, 'There is no host with this id.');
    return request(this, message, host);
  }

  get(message) {
    const base = message.base === this.sentID && this.sent !== null ? this.sentID : 0;
    const wanted = message.sockets === 'all' ? 'all' : new Set(Array.isArray(message.sockets) ? message.sockets : []);
    for (;;) {
      const document = snapshot(wanted, detailedHosts);
      const patch = base === 0 ? document : difference(this.sent, document) || {};
      const line = JSON.stringify({ type: 'snapshot', id: message.id, base, patch });
      if (Buffer.byteLength(line) > MAX_LINE_OUT && detailedHosts > 0) {
        detailedHosts = detailedHosts > 100 ? 100 : 0;
        continue;
      }
      this.sent = document;
      this.sentID = message.id;
      return this.write(line);
    }
  }

  leave() {
    viewers.delete(this);
    clearTimeout(this.deadline);
    this.input = Buffer.alloc(0);
    this.sent = null;
    try {
      restore(this);
      leaveIfAlone();
    } catch (error) {
      swallow(error);
    }
  }
}

const REQUESTS = {
  set(viewer, message, host) {
    if (!SETTINGS.includes(message.setting)) return viewer.refuse(message.id, 'This agent has no such setting.');
    const value = settingValue(message.setting, message.value);
    if (value === undefined) return viewer.refuse(message.id, `This is not a value of ${message.setting}.`);
    const why = host === null ? '' : refusalForHost(message.setting, value, host);
    if (why !== '') return viewer.refuse(message.id, why);
    return viewer.send({ type: 'done', id: message.id, effects: changeSetting(viewer, message.setting, value, host) });
  },

  closeIdle(viewer, message, host) {
    let count = 0;
    for (const one of host === null ? hosts : [host]) {
      for (const record of one.sockets) {
        if (!isIdle(record)) continue;
        closeIdle(record, 'drain');
        count += 1;
      }
    }
    notice('mark', 'idleClosed', host);
    return viewer.send({ type: 'done', id: message.id, effects: [`Closed: ${counted(count, 'idle connection')}.`] });
  },

  restore(viewer, message) {
    const count = restore(viewer);
    return viewer.send({ type: 'done', id: message.id, effects: [`Put back: ${counted(count, 'setting')}.`] });
  },

  unhook(viewer, message) {
    viewer.send({ type: 'done', id: message.id, effects: ['The hook takes itself out of the process.'] }, unhook);
  },
};

function hello() {
  const message = {
    type: 'hello', protocol: PROTOCOL, agent: `node-hook ${VERSION}`, runtime: `node ${process.version}`, pid: process.pid,
    thread: threads.threadId, name: processName(),
    capabilities: { settings: SETTINGS, perHost: PER_HOST, closeIdle: true, sockets: true, unhook: true },
  };
  if (!isActive) message.disabled = `after ${internalErrors} errors of its own: ${lastInternalError}`;
  return message;
}

function accept(socket) {
  if (viewers.size >= MAX_VIEWERS) {
    socket.on('error', () => socket.destroy());
    socket.unref();
    socket.end(`${JSON.stringify({ type: 'refused', id: 0, why: `${MAX_VIEWERS} viewers are connected already.` })}\n`);
    return;
  }
  const viewer = new Viewer(socket);
  viewers.add(viewer);
  viewer.send(hello());
}

// -------------------------------------------------------------------------------------------------------- Unix socket

/** The directory for sockets, which must be ours alone. Throws the reason where it is not. */
function socketDirectory() {
  const runtime = process.env.XDG_RUNTIME_DIR;
  const own = process.env.POOLTOP_ATTACH_DIR;
  const directory = own || (runtime ? path.join(runtime, 'pooltop') : `/tmp/pooltop-${process.getuid()}`);
  try {
    fs.mkdirSync(directory, { mode: 0o700 });
  } catch (error) {
    if (error.code !== 'EEXIST') throw new Error(`${directory} cannot be made: ${error.code}`);
  }
  const status = fs.lstatSync(directory);
  if (!status.isDirectory()) throw new Error(`${directory} is not a directory`);
  if (status.uid !== process.geteuid()) throw new Error(`${directory} belongs to another user`);
  if ((status.mode & 0o077) !== 0) throw new Error(`${directory} can be entered by other users`);
  return directory;
}

/** Removes sockets of processes that are gone. */
function removeStale(directory) {
  for (const name of fs.readdirSync(directory)) {
    const parts = /^node-(\d{1,9})(?:-\d{1,9})?\.sock$/.exec(name);
    if (parts === null) continue;
    const pid = Number(parts[1]);
    try {
      if (pid !== process.pid) process.kill(pid, 0);
    } catch (error) {
      if (error.code === 'ESRCH') fs.rmSync(path.join(directory, name), { force: true });
    }
  }
}

/** Listens, and returns the path. Node cannot read a peer's uid: the modes of directory and socket are what protects. */
function listenForViewers() {
  const directory = socketDirectory();
  removeStale(directory);
  const thread = threads.isMainThread ? '' : `-${threads.threadId}`;
  const socketPath = path.join(directory, `node-${process.pid}${thread}.sock`);
  if (Buffer.byteLength(socketPath) > 107) throw new Error(`${socketPath} is too long for a Unix socket`);
  fs.rmSync(socketPath, { force: true });
  // A worker of a cluster would otherwise ask its primary to listen for it.
  server = net.createServer(accept);
  server.on('error', (error) => debug(error.message));
  server.listen({ path: socketPath, exclusive: true });
  server.unref();
  fs.chmodSync(socketPath, 0o600);
  return socketPath;
}

// ---------------------------------------------------------------------------------------------------- Hook and unhook

let server = null;
const wrapped = [];
const subscribed = [];

/** Replaces a function by one that looks the same from outside. */
function wrap(object, name, make) {
  const original = object && object[name];
  if (typeof original !== 'function') return;
  const wrapper = make(original);
  Object.defineProperties(wrapper, Object.getOwnPropertyDescriptors(original));
  object[name] = wrapper;
  wrapped.push({ object, name, original, wrapper });
}

function subscribe(name, listener) {
  const channel = channels.channel(name);
  channel.subscribe(listener);
  // The channel is kept, because Node may collect one that nobody holds, together with its subscribers.
  subscribed.push({ channel, listener });
}

function hook() {
  wrap(http.Agent.prototype, 'addRequest', wrapAddRequest);
  wrap(http.Agent.prototype, 'removeSocket', wrapRemoveSocket);
  wrap(http.Agent.prototype, 'destroy', wrapDestroy);
  wrap(http.ClientRequest.prototype, 'onSocket', wrapOnSocket);
  wrap(net.Socket.prototype, 'connect', wrapConnect);
  wrap(dns, 'lookup', wrapLookup);
  wrap(dns.promises, 'lookup', wrapPromisedLookup);
  syncBuiltinESMExports();
  subscribe('http.client.response.finish', onResponse);
  subscribe('http.client.request.error', onRequestError);
  subscribe('undici:request:create', onUndiciCreate);
  subscribe('undici:client:sendHeaders', onUndiciSend);
  subscribe('undici:request:headers', onUndiciHeaders);
  subscribe('undici:request:trailers', onUndiciTrailers);
  subscribe('undici:request:error', onUndiciError);
  subscribe('undici:client:beforeConnect', onUndiciDial);
  subscribe('undici:client:connected', onUndiciConnected);
  guarded(() => {
    agentRecord(http.globalAgent, null);
    agentRecord(https.globalAgent, null);
    adoptGlobalDispatcher();
    // Before the event loop has started there are no pools.
    if (performance.nodeTiming.loopStart > 0) adoptOthers();
  })();
}

function removeSocketFile() {
  if (handle.socketPath) fs.rmSync(handle.socketPath, { force: true });
}

/** Lets the next `require` of the hook's file run it again. */
function forgetModule() {
  for (const name of Object.keys(cachedModules || {})) {
    if (cachedModules[name] === module) delete cachedModules[name];
  }
}

/** Takes the hook out: settings, functions, channels, listeners, socket. A function that others wrapped since stays. */
function unhook() {
  if (globalThis[REGISTRY] !== handle) return;
  changes.length = 0;
  guarded(applyEverywhere)();
  isActive = false;
  for (const { object, name, original, wrapper } of wrapped) if (object[name] === wrapper) object[name] = original;
  syncBuiltinESMExports();
  for (const { channel, listener } of subscribed) channel.unsubscribe(listener);
  for (const host of hosts) for (const record of host.sockets) removeListeners(record.socket);
  for (const viewer of viewers) viewer.socket.end();
  if (server !== null) server.close();
  process.removeListener('exit', removeSocketFile);
  removeSocketFile();
  handle.socketPath = null;
  delete globalThis[REGISTRY];
  forgetModule();
}

/** The hook as others see it: the viewer that puts it in, and a second hook. So its members stay as they are. */
const handle = {
  socketPath: null,
  reason: '',
  pid: process.pid,
  thread: threads.threadId,
  version: VERSION,
  listen,
  unhook,
  leaveWithLastViewer,
};

/** True: the hook was put in for a viewer, and goes when none is left. */
let leavesWithLastViewer = false;

function leaveWithLastViewer(leaves) {
  leavesWithLastViewer = leaves;
  if (leaves) setTimeout(leaveIfAlone, MAX_WAIT_FOR_VIEWER).unref();
}

function leaveIfAlone() {
  if (leavesWithLastViewer && viewers.size === 0) unhook();
}

function listen() {
  if (handle.socketPath !== null) return;
  try {
    handle.socketPath = listenForViewers();
    handle.reason = '';
    process.on('exit', removeSocketFile);
  } catch (error) {
    handle.reason = error.message;
    debug(error.message);
  }
}

/** Puts the hook in, unless there is one: then that one is reported, and asked to listen if it does not. */
function start() {
  const there = globalThis[REGISTRY];
  if (there === undefined) {
    Object.defineProperty(globalThis, REGISTRY, { value: handle, configurable: true });
    guarded(hook)();
  }
  return report(there || handle, there !== undefined);
}

function report(hooked, alreadyThere) {
  hooked.listen();
  const { socketPath, reason, pid, thread, version } = hooked;
  return {
    socketPath, reason, pid, thread, version, alreadyThere,
    unhook: hooked.unhook,
    set leavesWithLastViewer(leaves) { hooked.leaveWithLastViewer(leaves === true); },
  };
}

const started = start();
if (typeof module === 'object' && module !== null) module.exports = started;
// The value of the script, where it is evaluated and not required.
started;
}
