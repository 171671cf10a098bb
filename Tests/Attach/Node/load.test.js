// The hook under load: no request is lost while settings change, and counts between two marks are the server's own.
//
// POOLTOP_TEST_SECONDS makes each test that long, for a trial by hand.
'use strict';
const assert = require('node:assert');
const { test } = require('node:test');
const { assertBalanced, start, until } = require('./support');

const SECONDS = Number(process.env.POOLTOP_TEST_SECONDS) || 0;

/** The host once nothing is in flight, and every close is seen by both ends. */
const whenQuiet = (viewer, server) => until(async () => {
  const host = await viewer.host(server.url);
  const { connections, requests } = host.metrics;
  const isQuiet = requests.inFlight + requests.queued + connections.active + connections.connecting === 0;
  return isQuiet && connections.closed === server.closed ? host : null;
}, 'the load to end', 10000);

const SENDERS = {
  'http.Agent': async ({ http, get, paced }, url, rate, time) => {
    const agent = new http.Agent({ keepAlive: true });
    return paced(rate, time, () => get(url, { agent }));
  },
  'https.Agent': async ({ https, get, paced }, url, rate, time) => {
    const agent = new https.Agent({ keepAlive: true });
    return paced(rate, time, () => get(url, { agent }));
  },
  'undici': async ({ require, paced }, url, rate, time) => {
    const undici = require('undici');
    const dispatcher = new undici.Agent();
    return paced(rate, time, async () => {
      try {
        const { statusCode, body } = await undici.request(url, { dispatcher });
        await body.text();
        return statusCode;
      } catch (error) {
        return error.code;
      }
    });
  },
  'fetch': async ({ paced }, url, rate, time) => paced(rate, time, async () => {
    try {
      const response = await fetch(url);
      await response.text();
      return response.status;
    } catch (error) {
      return error.cause.code;
    }
  }),
};

for (const [name, send] of Object.entries(SENDERS)) {
  test(`A hundred toggles a second under load lose no request of ${name}`, async (t) => {
    const { server, app, viewer } = await start(t, { tls: name === 'https.Agent' });
    const rate = name === 'https.Agent' && SECONDS === 0 ? 300 : 1000;
    const load = app.run(send, server.url, rate, (SECONDS || 1) * 1000);
    const answers = [];
    const timer = setInterval(() => answers.push(viewer.set('keepAlive', answers.length % 2 === 1)), 10);
    const outcomes = await load.finally(() => clearInterval(timer));
    for (const answer of await Promise.all(answers)) assert.equal(answer.type, 'done');
    const host = await whenQuiet(viewer, server);
    t.diagnostic(`${answers.length} toggles, ${server.requests} requests, ${server.connections} connections`);
    assert.deepEqual(outcomes, { 200: server.requests });
    assertBalanced(assert, host);
    assert.ok(answers.length > 10, `${answers.length} toggles`);
    assert.equal(host.metrics.requests.succeeded, server.requests);
    assert.equal(host.metrics.requests.failed + host.metrics.requests.cancelled, 0);
    assert.equal(host.metrics.connections.opened, server.connections);
  });
}

for (const rate of [200, 3000]) {
  for (const keepAlive of [true, false]) {
    test(`Counts between two marks are the server's own at ${rate} requests a second, keep-alive ${keepAlive ? 'on' : 'off'}`, async (t) => {
      const { server, app, viewer } = await start(t);
      const load = (time) => app.run(async ({ http, get, paced, state }, url, ...rest) => {
        state.agent = state.agent || new http.Agent({ keepAlive: rest[2] });
        return paced(rest[0], rest[1], () => get(url, { agent: state.agent }));
      }, server.url, rate, time, keepAlive);
      await load(200);
      const first = (await whenQuiet(viewer, server)).metrics;
      const before = { opened: server.connections, closed: server.closed, requests: server.requests };
      await load((SECONDS || 1) * 1000);
      const second = (await whenQuiet(viewer, server)).metrics;
      const truth = {
        opened: server.connections - before.opened, closed: server.closed - before.closed, requests: server.requests - before.requests,
      };
      t.diagnostic(JSON.stringify(truth));
      assert.deepEqual({
        opened: second.connections.opened - first.connections.opened, closed: second.connections.closed - first.connections.closed,
        requests: second.requests.succeeded - first.requests.succeeded,
      }, truth);
      assert.ok(truth.requests >= 20, `${truth.requests}`);
      if (!keepAlive) assert.equal(truth.opened, truth.requests);
    });
  }
}
