// The side that closed a connection, why, and how long it had been idle.
'use strict';
const assert = require('node:assert');
const { test } = require('node:test');
const { assertBalanced, start, until } = require('./support');

/** The host once none of its connections is open. */
const whenClosed = (viewer, server) => until(async () => {
  const host = await viewer.host(server.url);
  return host.metrics.connections.opened > 0 && host.metrics.connections.opened === host.metrics.connections.closed ? host : null;
}, 'all connections to close');

test('A server that closes idle connections after a second is seen with that age', async (t) => {
  const { server, app, viewer } = await start(t, { keepAliveTimeout: 1000 });
  await app.run(async ({ http, get, many, state }, url) => {
    state.agent = new http.Agent({ keepAlive: true });
    await many(6, 3, () => get(url, { agent: state.agent }));
    await (await fetch(url)).text();
  }, server.url);
  const opened = server.connections;
  const host = await whenClosed(viewer, server);
  assertBalanced(assert, host);
  assert.deepEqual(host.metrics.connections.closedByReason, { peerClosedIdle: opened });
  assert.ok(host.learnedIdleSeconds > 0.8 && host.learnedIdleSeconds < 3, `${host.learnedIdleSeconds}`);
  const notices = viewer.document.events.filter((event) => event.kind === 'idleClosedByPeer');
  assert.ok(notices.length >= 1 && notices.every((event) => event.seconds > 0.8 && event.hostID === host.id));
});

test('Reasons within an exchange are told apart', async (t) => {
  const expected = {
    '/close': 'closeHeaderReceived', '/old': 'http10', '/unframed': 'untilCloseBody', '/reset': 'peerReset',
    '/hangup': 'peerClosedActive', '/partial': 'peerClosedActive', '/garbage': 'framingError',
  };
  for (const [path, reason] of Object.entries(expected)) {
    const { server, app, viewer } = await start(t);
    await app.run(({ http, get }, url) => get(url, { agent: new http.Agent({ keepAlive: true }) }), server.url + path);
    const host = await whenClosed(viewer, server);
    assertBalanced(assert, host);
    assert.deepEqual(host.metrics.connections.closedByReason, { [reason]: 1 }, path);
  }
});

test('Reasons of the process itself are told apart', async (t) => {
  const requests = {
    keepAliveDisabled: ({ http, get }, url) => get(url, { agent: new http.Agent({ keepAlive: false }) }),
    closeHeaderSent: ({ http, get }, url) => get(url, { agent: new http.Agent({ keepAlive: true }), headers: { Connection: 'close' } }),
    idleTimeout: ({ http, get }, url) => get(url, { agent: new http.Agent({ keepAlive: true, timeout: 100 }) }),
    requestCancelled: ({ get }, url) => get(`${url}/hold`, { onRequest: (request) => setTimeout(() => request.destroy(), 50) }),
    closedByProcess: async ({ http, get }, url) => {
      const agent = new http.Agent({ keepAlive: true });
      await get(url, { agent });
      setTimeout(() => agent.destroy(), 20);
    },
  };
  for (const [reason, body] of Object.entries(requests)) {
    const { server, app, viewer } = await start(t);
    await app.run(body, server.url);
    const host = await whenClosed(viewer, server);
    assertBalanced(assert, host);
    assert.deepEqual(host.metrics.connections.closedByReason, { [reason]: 1 });
  }
});

test('Connections beyond maxFreeSockets are closed for that reason', async (t) => {
  const { server, app, viewer } = await start(t);
  await app.run(async ({ http, get, many, state }, url) => {
    state.agent = new http.Agent({ keepAlive: true, maxFreeSockets: 1 });
    await many(4, 4, () => get(`${url}/slow`, { agent: state.agent }));
  }, server.url);
  const host = await until(async () => {
    const one = await viewer.host(server.url);
    return one.metrics.connections.closed === 3 ? one : null;
  }, 'three connections to close');
  assertBalanced(assert, host);
  assert.deepEqual(host.metrics.connections.closedByReason, { idleLimitHost: 3 });
  assert.equal(host.maxFreeSockets, 1);
});

test('A connection that changes its protocol leaves the pool', async (t) => {
  const { server, app, viewer } = await start(t);
  server.on('upgrade', (request, socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n');
  });
  await app.run(({ http, state }, url) => new Promise((resolve) => {
    const agent = new http.Agent({ keepAlive: true });
    http.get(url, { agent, headers: { Connection: 'upgrade', Upgrade: 'x' } }).on('upgrade', (response, socket) => {
      state.socket = socket;
      resolve();
    });
  }), server.url);
  const host = await viewer.host(server.url);
  assertBalanced(assert, host);
  assert.deepEqual(host.metrics.connections.closedByReason, { upgraded: 1 });
  assert.deepEqual(host.metrics.statuses, { 101: 1 });
});
