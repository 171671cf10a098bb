// The hook's counts are the server's own.
'use strict';
const assert = require('node:assert');
const { test } = require('node:test');
const { App, assertBalanced, startServer, until } = require('./support');

/** A server and a program, which the test's end stops. */
async function start(t, { server: serverOptions, app: appOptions } = {}) {
  const [server, app] = [await startServer(serverOptions), new App(appOptions)];
  t.after(async () => {
    await app.stop();
    await server.stop();
  });
  return { server, app };
}

/** Requires that connections and requests are what the server has counted, and returns the host. */
async function assertEqualCounts(viewer, server) {
  const host = await until(async () => {
    const one = await viewer.host(server.url);
    return one.metrics.requests.inFlight === 0 && one.metrics.connections.connecting === 0 ? one : null;
  }, 'the requests to end');
  assertBalanced(assert, host);
  assert.equal(host.metrics.requests.started, server.requests);
  assert.equal(host.metrics.connections.opened, server.connections);
  assert.equal(host.metrics.requests.onNewConnection + host.metrics.requests.onReusedConnection, server.requests);
  return host;
}

test('http.Agent with keep-alive on and off is counted as the server counts', async (t) => {
  const { server, app } = await start(t);
  await app.run(async ({ http, get, many }, url) => {
    const on = new http.Agent({ keepAlive: true, maxSockets: 5 });
    await many(200, 10, () => get(url, { agent: on }));
    const off = new http.Agent({ keepAlive: false });
    await many(100, 10, () => get(url, { agent: off }));
    class Subclass extends http.Agent {}
    await many(20, 2, () => get(url, { agent: new Subclass() }));
    await many(20, 2, () => get(url, { agent: false }));
    await many(30, 2, () => get(url));
  }, server.url);
  const viewer = await app.view();
  const host = await assertEqualCounts(viewer, server);
  assert.equal(server.requests, 370);
  assert.deepEqual(host.metrics.statuses, { 200: 370 });
  assert.equal(host.metrics.connections.peakOpen >= 5, true);
  const { response, firstByte, connect, queueWait } = host.metrics.latency;
  const recorded = (histogram) => histogram.counts.reduce((sum, count) => sum + Math.max(0, count), 0);
  assert.equal(recorded(response), 370);
  assert.equal(recorded(firstByte), 370);
  assert.equal(recorded(queueWait), 370);
  assert.equal(recorded(connect), server.connections);
  assert.ok(response.min > 0 && response.min <= response.max && response.sum >= response.max);
});

test('Agents with methods of their own are counted as the server counts', async (t) => {
  const { server, app } = await start(t);
  await app.run(async ({ http, get, many, require }, url) => {
    class Removing extends http.Agent {
      removeSocket(...parameters) { return super.removeSocket(...parameters); }
    }
    class Keeping extends http.Agent {
      keepSocketAlive(socket) { return super.keepSocketAlive(socket); }
    }
    class Slow extends http.Agent {
      createConnection(options, done) { setTimeout(() => done(null, require('net').connect(options)), 5); }
    }
    for (const Kind of [Removing, Keeping, Slow]) {
      for (const keepAlive of [true, false]) {
        const agent = new Kind({ keepAlive, maxSockets: 3 });
        await many(30, 6, () => get(url, { agent }));
      }
    }
  }, server.url);
  const host = await assertEqualCounts(await app.view(), server);
  assert.equal(server.requests, 180);
  assert.equal(host.metrics.connections.closedByReason.upgraded, undefined);
});

test('https counts handshakes and resumed sessions as the server does', async (t) => {
  const { server, app } = await start(t, { server: { tls: true } });
  await app.run(async ({ https, get, many }, url) => {
    const agent = new https.Agent({ keepAlive: false, maxSockets: 1 });
    await many(10, 1, () => get(url, { agent }));
    await many(20, 2, () => get(url));
  }, server.url);
  const host = await assertEqualCounts(await app.view(), server);
  assert.equal(host.isTLS, true);
  assert.equal(host.metrics.tls.handshakes, server.connections);
  assert.equal(host.metrics.tls.resumed, server.resumed);
  assert.ok(server.resumed >= 8, `${server.resumed} resumed`);
  assert.ok(host.metrics.latency.tlsHandshake.min > 0);
});

test('undici and fetch are counted as the server counts', async (t) => {
  const { server, app } = await start(t);
  const secure = await startServer({ tls: true });
  t.after(() => secure.stop());
  await app.run(async ({ require, many }, url, secureURL) => {
    const undici = require('undici');
    const send = (options) => async () => {
      const { statusCode, body } = await undici.request(url, options);
      await body.text();
      return statusCode;
    };
    await many(200, 8, send({}));
    await many(50, 4, send({ dispatcher: new undici.Pool(url, { connections: 2 }) }));
    await many(40, 4, send({ dispatcher: new undici.Client(url, { pipelining: 4 }) }));
    await many(20, 4, send({ dispatcher: new undici.Client(url, { pipelining: 0 }) }));
    await many(30, 3, send({ method: 'POST', body: 'a body' }));
    const fetchOne = (to) => async () => {
      const response = await fetch(to);
      await response.text();
      return response.status;
    };
    await many(60, 6, fetchOne(url));
    await many(12, 3, fetchOne(`${url}/missing`));
    await many(20, 2, fetchOne(secureURL));
  }, server.url, secure.url);
  const viewer = await app.view();
  const host = await assertEqualCounts(viewer, server);
  assert.deepEqual(host.metrics.statuses, { 200: 400, 404: 12 });
  const secured = await assertEqualCounts(viewer, secure);
  assert.equal(secured.metrics.tls.handshakes, secure.connections);
});

test('axios and got work unchanged and are counted', async (t) => {
  const { server, app } = await start(t);
  const outcomes = await app.run(async ({ require, http, many }, url) => {
    const axios = require('axios');
    const got = require('got');
    const agent = { http: new http.Agent({ keepAlive: true, maxSockets: 2 }) };
    return [
      await many(40, 4, async () => (await axios.get(url)).data),
      await many(40, 4, async () => (await got(url)).body),
      await many(40, 4, async () => (await got(url, { agent })).body),
      await many(3, 1, () => got(`${url}/missing`, { retry: 0 }).then((one) => one.body, (error) => error.message)),
    ];
  }, server.url);
  assert.deepEqual(outcomes, [{ ok: 40 }, { ok: 40 }, { ok: 40 }, { 'Response code 404 (Not Found)': 3 }]);
  const host = await assertEqualCounts(await app.view(), server);
  assert.deepEqual(host.metrics.statuses, { 200: 120, 404: 3 });
});

test('Pools from before the hook are taken in with their connections and queue', async (t) => {
  const { server, app } = await start(t, { app: { preload: false } });
  const before = await app.run(async ({ http, get, many, state }, url) => {
    state.agent = new http.Agent({ keepAlive: true, maxSockets: 3 });
    await many(30, 3, () => get(url, { agent: state.agent }));
    state.held = many(5, 5, () => get(`${url}/hold`, { agent: state.agent }));
    await many(4, 2, () => get(url));
    await many(4, 1, async () => { await (await fetch(url)).text(); });
  }, server.url);
  assert.equal(before, undefined);
  await until(() => server.held.length === 3, 'three requests at the server');
  const marks = { connections: server.connections, requests: server.requests };
  await app.run(async ({ require, get, many, state }, url, hook) => {
    require(hook);
    state.held2 = many(1, 1, () => get(`${url}/hold`, { agent: state.agent }));
    await many(10, 2, () => get(url));
    await many(10, 1, async () => { await (await fetch(url)).text(); });
  }, server.url, require('./support').HOOK);
  const viewer = await app.view();
  const host = await viewer.host(server.url, { sockets: 'all' });
  assertBalanced(assert, host);
  assert.equal(server.connections, marks.connections, 'the pools are reused');
  assert.deepEqual([host.metrics.connections.openedBefore, host.metrics.connections.opened], [server.connections, 0]);
  assert.equal(host.metrics.connections.active, 3);
  assert.equal(host.metrics.requests.queued, 3);
  assert.equal(host.metrics.requests.onReusedConnection >= 20, true);
  assert.equal(Object.values(host.sockets).filter((socket) => socket.state === 'idle').length, server.connections - 3);
  await until(() => {
    server.held.splice(0).forEach((response) => response.end('ok'));
    return server.byPath['/hold'] === 6;
  }, 'the queue to be served');
  const after = await until(async () => {
    server.held.splice(0).forEach((response) => response.end('ok'));
    const one = await viewer.host(server.url);
    return one.metrics.requests.inFlight === 0 ? one : null;
  }, 'all to end');
  assertBalanced(assert, after);
  assert.equal(after.metrics.requests.queued, 0);
});

test('The queue and the age of its oldest request are shown', async (t) => {
  const { server, app } = await start(t);
  await app.run(async ({ http, get, many, state }, url) => {
    state.agent = new http.Agent({ keepAlive: true, maxSockets: 2 });
    state.all = many(6, 6, () => get(`${url}/hold`, { agent: state.agent }));
  }, server.url);
  await until(() => server.held.length === 2, 'two requests at the server');
  const viewer = await app.view();
  const first = await viewer.host(server.url, { sockets: 'all' });
  await new Promise((resolve) => setTimeout(resolve, 300));
  const host = await viewer.host(server.url, { sockets: 'all' });
  assertBalanced(assert, host);
  assert.equal(host.metrics.requests.inFlight, 2);
  assert.equal(host.metrics.requests.queued, 4);
  assert.equal(host.maxSockets, 2);
  assert.ok(host.oldestWaitSeconds >= 0.3 && host.oldestWaitSeconds < 5, `${host.oldestWaitSeconds}`);
  assert.ok(host.oldestWaitSeconds > first.oldestWaitSeconds);
  assert.ok(host.oldestActiveSeconds >= 0.3);
  const sockets = Object.values(host.sockets);
  assert.deepEqual(sockets.map((socket) => socket.state), ['awaitingHead', 'awaitingHead']);
  assert.ok(sockets.every((socket) => socket.peer === server.url.slice(7) && socket.localPort > 0 && socket.method === 'GET'));
  await until(() => {
    server.held.splice(0).forEach((response) => response.end('ok'));
    return server.byPath['/hold'] === 6;
  }, 'the queue to be served');
});

test('Failures are counted by cause, and given up requests as cancelled', async (t) => {
  const { server, app } = await start(t);
  const unused = await startServer();
  await unused.stop();
  const outcomes = await app.run(async ({ http, get, sleep }, url, refused) => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const all = [];
    for (const path of ['/reset', '/hangup', '/partial', '/garbage']) all.push(await get(url + path, { agent }));
    all.push(await get(refused), await get('http://no-such-name.invalid/'));
    all.push(await get(`${url}/hold`, { agent, timeout: 50, onRequest: (request) => request.on('timeout', () => request.destroy()) }));
    all.push(await get(`${url}/hold`, { agent, onRequest: (request) => setTimeout(() => request.destroy(), 30) }));
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 30);
    all.push(await fetch(`${url}/hold`, { signal: controller.signal }).catch((error) => error.name));
    all.push(await fetch(`${url}/hangup`).catch((error) => error.cause.code));
    all.push(await fetch(refused).catch((error) => error.cause.code));
    await sleep(50);
    return all;
  }, server.url, unused.url);
  assert.deepEqual(outcomes, ['ECONNRESET', 'ECONNRESET', 'ECONNRESET', 'HPE_INVALID_STATUS', 'ECONNREFUSED', 'ENOTFOUND',
    'ECONNRESET', 'ECONNRESET', 'AbortError', 'UND_ERR_SOCKET', 'ECONNREFUSED']);
  const viewer = await app.view();
  const host = await viewer.host(server.url);
  assertBalanced(assert, host);
  assert.deepEqual(host.metrics.errors, { peerReset: 1, peerClosed: 2, incompleteBody: 1, framingError: 1, requestTimeout: 1 });
  assert.equal(host.metrics.requests.cancelled, 2);
  assert.equal(host.metrics.requests.inFlight, 0);
  const refusing = await viewer.host(unused.url);
  assert.deepEqual(refusing.metrics.errors, { connectRefused: 2 });
  assert.equal(refusing.metrics.connections.dialFailed, 2);
  assert.equal(refusing.lastConnectFailure, 'connectRefused');
  assertBalanced(assert, refusing);
  const nameless = await viewer.host('http://no-such-name.invalid:80');
  assert.deepEqual(nameless.metrics.errors, { dnsNotFound: 1 });
  const { dns, dnsRecords } = viewer.document;
  assert.deepEqual([dns.lookups, dns.failures], [1, 1]);
  assert.equal(dnsRecords[0].negative, 'dnsNotFound');
});

test('Names are looked up under the hook as before, and counted', async (t) => {
  const { server, app } = await start(t);
  const port = new URL(server.url).port;
  const results = await app.run(async ({ require, get, many, http }, url) => {
    const dns = require('dns');
    const { promisify } = require('util');
    const agent = new http.Agent({ family: 4 });
    await many(5, 1, () => get(url, { agent }));
    const one = await promisify(dns.lookup)('localhost', { family: 4 });
    const two = await dns.promises.lookup('localhost', { family: 4 });
    const three = await dns.promises.lookup('no-such-name.invalid').catch((error) => error.code);
    const four = await new Promise((resolve) => dns.lookup('127.0.0.1', (error, address, family) => resolve([address, family])));
    return [one, two, three, four, dns.lookup.name, dns.lookup.length];
  }, `http://localhost:${port}`);
  const address = { address: '127.0.0.1', family: 4 };
  assert.deepEqual(results, [address, address, 'ENOTFOUND', ['127.0.0.1', 4], 'lookup', 3]);
  const viewer = await app.view();
  const host = await viewer.host(`http://localhost:${port}`);
  assert.equal(host.metrics.connections.opened, 5);
  assert.deepEqual([viewer.document.dns.lookups, viewer.document.dns.failures], [8, 1]);
  const record = viewer.document.dnsRecords.find((one) => one.name === 'localhost');
  assert.deepEqual([record.misses, record.addresses, record.hostID], [7, ['127.0.0.1'], host.id]);
  assert.ok(host.metrics.latency.dnsLookup.sum > 0);
});

test('More than a thousand hosts are merged in one, and names are cut', async (t) => {
  const { server, app } = await start(t);
  const outcomes = await app.run(async ({ http, get, many, require }, port) => {
    const net = require('net');
    const agent = new http.Agent({ keepAlive: false });
    agent.createConnection = () => net.connect(port, '127.0.0.1');
    let index = 0;
    return [
      await many(1005, 8, () => get(`http://host${index++}.example/`, { agent })),
      await many(2, 1, () => get(`http://${'long.'.repeat(80)}example/`, { agent, headers: { Host: 'x' } })),
    ];
  }, new URL(server.url).port);
  assert.deepEqual(outcomes, [{ 200: 1005 }, { 200: 2 }]);
  const viewer = await app.view();
  const hosts = Object.values((await viewer.get()).hosts);
  assert.equal(hosts.length, 1001);
  assert.equal(hosts[1000].name, 'other');
  assert.equal(hosts[1000].metrics.requests.started, 7);
  for (const host of hosts) assertBalanced(assert, host);
  assert.equal(hosts.reduce((sum, host) => sum + host.metrics.requests.succeeded, 0), server.requests);
  const longer = new App();
  t.after(() => longer.stop());
  await longer.run(async ({ http, get, require }, port, name) => {
    const agent = new http.Agent();
    agent.createConnection = () => require('net').connect(port, '127.0.0.1');
    await get(`http://${name}/`, { agent, headers: { Host: 'x' } });
  }, new URL(server.url).port, 'long.'.repeat(80));
  const [cut] = Object.values((await (await longer.view()).get()).hosts);
  assert.deepEqual([cut.name.length, cut.origin.length], [255, 255]);
});

test('Bytes are what the server has read and written', async (t) => {
  const { server, app } = await start(t);
  const sockets = [];
  server.on('connection', (socket) => sockets.push(socket));
  await app.run(async ({ http, get, many }, url) => {
    const agent = new http.Agent({ keepAlive: true });
    await many(20, 3, () => get(url, { agent }));
    await many(5, 1, () => get(url, { agent: false }));
    await (await fetch(url, { method: 'POST', body: 'x'.repeat(5000) })).text();
  }, server.url);
  const host = await assertEqualCounts(await app.view(), server);
  const sum = (name) => sockets.reduce((total, socket) => total + socket[name], 0);
  assert.deepEqual(host.metrics.bytes, { sent: sum('bytesRead'), received: sum('bytesWritten') });
});
