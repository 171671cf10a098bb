// Viewers that send rubbish, stop in the middle, never read or come in numbers; names and hosts beyond measure.
'use strict';
const assert = require('node:assert');
const net = require('node:net');
const { test } = require('node:test');
const { App, PROTOCOL, applyPatch, assertBalanced, startServer, until } = require('./support');

async function start(t, options) {
  const [server, app] = [await startServer(), new App(options)];
  t.after(async () => {
    await app.stop();
    await server.stop();
  });
  return { server, app, viewer: await app.view({ allowChanges: true }) };
}

const GREETING = `${JSON.stringify({ type: 'hello', protocol: PROTOCOL, allowChanges: true })}\n`;

/** Numbers that look random and are the same in each run (mulberry32). */
function generator(seed) {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const VALUES = [null, true, false, 0, -1, 1e308, 2 ** 53, 0.5, '', 'x', '__proto__', 'constructor', 'all', 'keepAlive', [], {}, [[]], { a: 1 }];
const NAMES = ['type', 'id', 'base', 'sockets', 'setting', 'value', 'host', '__proto__', 'constructor', 'toString', 'x'];
const TYPES = ['get', 'set', 'closeIdle', 'restore', 'hello', 'nonsense', '__proto__', 'hasOwnProperty'];
const SETTINGS = ['keepAlive', 'maxSockets', 'maxFreeSockets', 'maxTotalSockets', 'scheduling'];

/** A line that is wrong in one of many ways; some are right. */
function line(random) {
  const pick = (list) => list[random(list.length)];
  const message = { type: pick(TYPES), id: random(1000), setting: pick(SETTINGS), value: pick(VALUES), host: random(2) ? undefined : pick(VALUES) };
  for (let count = random(3); count > 0; count -= 1) message[pick(NAMES)] = pick(VALUES);
  let text = JSON.stringify(message);
  switch (random(7)) {
    case 0: return Buffer.from(Array.from({ length: random(300) }, () => random(256)));
    case 1: text = text.slice(0, random(text.length)); break;
    case 2: text = '{"type":"get","id":1,"sockets":' + '['.repeat(random(20000)) + '1' + ']'.repeat(random(20000)) + '}'; break;
    case 3: text = `{"type":"get","id":${'9'.repeat(1 + random(400))}}`; break;
    case 4: text = `{"__proto__":{"type":"set","id":1},"type":"${pick(TYPES)}","id":7,"constructor":{"prototype":1}}`; break;
    default: break;
  }
  return Buffer.from(`${text}\n`);
}

/** Sends lines on a connection of its own until the agent ends it or all are sent. */
function pester(socketPath, lines) {
  return new Promise((resolve) => {
    const socket = net.connect(socketPath);
    socket.on('error', () => {}).on('close', resolve).resume();
    socket.write(Buffer.concat([Buffer.from(GREETING), ...lines]));
    setTimeout(() => socket.destroy(), 20);
  });
}

test('Fuzzed lines never reach the application', async (t) => {
  const { server, app } = await start(t);
  const load = app.run(async ({ http, get, many, state, sleep }, url) => {
    state.agent = new http.Agent({ keepAlive: true, maxSockets: 9 });
    const outcomes = {};
    state.isOver = false;
    while (!state.isOver) {
      for (const [outcome, count] of Object.entries(await many(8, 4, () => get(url, { agent: state.agent })))) {
        outcomes[outcome] = (outcomes[outcome] || 0) + count;
      }
      await sleep(2);
    }
    return outcomes;
  }, server.url);
  const random = generator(20200220);
  const before = await app.run(() => process.memoryUsage().rss);
  for (let round = 0; round < 60; round += 1) {
    await Promise.all(Array.from({ length: 5 }, () => pester(app.socketPath, Array.from({ length: 1 + random(5) }, () => line(random)))));
  }
  await app.run(({ state }) => { state.isOver = true; });
  assert.deepEqual(await load, { 200: server.requests });
  const viewer = await app.view();
  const document = await viewer.get();
  assert.equal(document.ignoredEvents, 0);
  assertBalanced(assert, document.hosts[0]);
  const after = await app.run(({ state }) => ({
    rss: process.memoryUsage().rss, keepAlive: state.agent.keepAlive, maxSockets: state.agent.maxSockets, polluted: {}.type,
  }));
  assert.deepEqual([after.keepAlive, after.maxSockets, after.polluted], [true, 9, undefined]);
  assert.ok(after.rss - before < 80e6, `${(after.rss - before) / 1e6} MB`);
  assert.equal(app.stderr, '');
});

test('Half a line and then silence keeps no place and no memory', async (t) => {
  const { app } = await start(t);
  const silent = [];
  for (let count = 0; count < 7; count += 1) {
    const socket = net.connect(app.socketPath);
    socket.on('error', () => {}).resume();
    socket.write(count % 2 === 0 ? '{"type":"hello"' : 'x'.repeat(65000));
    silent.push(new Promise((resolve) => socket.once('close', resolve)));
  }
  const begun = Date.now();
  await Promise.all(silent);
  assert.ok(Date.now() - begun > 3000, `${Date.now() - begun}`);
  assert.equal((await app.view()).hello.type, 'hello');
});

test('A line of more than 64 KiB ends the connection, one of less is read', async (t) => {
  const { app } = await start(t);
  const viewer = await app.view();
  viewer.socket.write(`{"type":"get","id":1,"extra":"${'x'.repeat(65000)}"}\n`);
  assert.equal((await viewer.next()).type, 'snapshot');
  for (const length of [65537, 1e6]) {
    const other = await app.view();
    other.socket.write(`{"type":"get","id":1,"extra":"${'x'.repeat(length)}"}\n`);
    assert.equal(await other.next(), null);
  }
  viewer.socket.write(Buffer.from('{"type":"get","id":2}\n{"type":"get","id'));
  assert.equal((await viewer.next()).id, 2);
  for (const byte of '":3}\n') {
    viewer.socket.write(byte);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  assert.equal((await viewer.next()).id, 3);
});

test('Eight viewers at their own paces each get snapshots of their own', async (t) => {
  const { server, app, viewer } = await start(t);
  const load = app.run(({ http, get, paced }, url) => {
    const agent = new http.Agent({ keepAlive: true });
    return paced(200, 1500, () => get(url, { agent }));
  }, server.url);
  const viewers = [viewer];
  while (viewers.length < 8) viewers.push(await app.view());
  const end = Date.now() + 1200;
  const rounds = await Promise.all(viewers.map(async (one, index) => {
    let count = 0;
    for (; Date.now() < end; count += 1) {
      const document = await one.get({ sockets: index % 2 === 0 ? 'all' : [] });
      for (const host of Object.values(document.hosts)) assertBalanced(assert, host);
      await new Promise((resolve) => setTimeout(resolve, index * 30));
    }
    return count;
  }));
  assert.deepEqual(await load, { 200: server.requests });
  assert.ok(rounds.every((count) => count >= 3) && rounds[0] > rounds[7], `${rounds}`);
  for (const one of viewers) assert.equal((await one.host(server.url)).metrics.requests.succeeded, server.requests);
});

test('A viewer that asks and never reads delays neither the application nor others', async (t) => {
  const { server, app, viewer } = await start(t);
  await app.run(({ many, get }, port) => {
    let index = 0;
    return many(200, 4, () => get(`http://127.0.0.${1 + (index++ % 200)}:${port}/`, { agent: false }));
  }, new URL(server.url).port);
  const deaf = net.connect(app.socketPath);
  t.after(() => deaf.destroy());
  deaf.pause();
  deaf.write(GREETING);
  for (let id = 1; id <= 3000; id += 1) deaf.write(`{"type":"get","id":${id},"base":0,"sockets":"all"}\n`);
  const before = await app.run(() => process.memoryUsage().rss);
  const sequences = [];
  for (let round = 0; round < 10; round += 1) {
    sequences.push((await viewer.get()).sequence);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  // Each of ours takes one; the deaf one gets no further answer than the kernel holds.
  assert.ok(sequences[9] - sequences[4] <= 6, `${sequences}`);
  const after = await app.run(() => process.memoryUsage().rss);
  assert.ok(after - before < 40e6, `${(after - before) / 1e6} MB`);
});

test('Where more than a thousand hosts are too long for an answer, the busiest alone have details', async (t) => {
  const { server, app, viewer } = await start(t);
  await app.run(async ({ http, get, many, require }, port) => {
    const agent = new http.Agent();
    agent.createConnection = () => require('net').connect(port, '127.0.0.1');
    let index = 0;
    await many(1400, 16, () => {
      index += 1;
      return get(`http://${'a-long-name.'.repeat(20)}${index % 1200}.example/`, { agent, headers: { Host: 'x' } });
    });
  }, new URL(server.url).port);
  const detailed = (document) => Object.values(document.hosts).filter((host) => host.metrics.latency !== undefined);
  const whole = await viewer.get();
  assert.equal(detailed(whole).length, 1001);
  const length = JSON.stringify(whole).length;
  assert.ok(length > 1e6 && length < 4 * 1024 * 1024, `${length}`);
  // Histograms that fill a whole answer take days to come about, so the agent is made to believe that it is longer.
  const pretend = (times) => app.run(({ state }, factor) => {
    state.byteLength = state.byteLength || Buffer.byteLength;
    Buffer.byteLength = (text) => state.byteLength(text) * factor;
  }, times);
  const justTooLong = (1.05 * 4 * 1024 * 1024) / length;
  for (const [factor, count] of [[justTooLong, 100], [1, 100], [8, 0]]) {
    await pretend(factor);
    const other = await app.view();
    const document = await other.get({ sockets: 'all' });
    assert.equal(Object.keys(document.hosts).length, 1001);
    assert.equal(detailed(document).length, count, `${factor}`);
    assert.ok(detailed(document).every((host) => host.metrics.requests.started >= 2));
    for (const host of Object.values(document.hosts)) assertBalanced(assert, host);
    await other.end();
  }
});

test('Names of a hundred thousand characters are neither sent nor kept', async (t) => {
  const { server, app, viewer } = await start(t);
  const outcomes = await app.run(async ({ http, many, require }, port) => {
    const agent = new http.Agent();
    agent.createConnection = () => require('net').connect(port, '127.0.0.1');
    let index = 0;
    return many(300, 4, () => new Promise((resolve) => {
      index += 1;
      http.get({ host: `${'x'.repeat(1e5)}${index}`, agent, headers: { Host: 'x' } }, (response) => {
        response.on('end', () => resolve(response.statusCode)).resume();
      }).on('error', (error) => resolve(error.code));
    }));
  }, new URL(server.url).port);
  assert.deepEqual(outcomes, { 200: 300 });
  const answer = await viewer.ask({ type: 'get', base: 0 });
  const { length } = JSON.stringify(answer);
  assert.ok(length < 10000, `${length}`);
  const [host] = Object.values(answer.patch.hosts);
  assert.deepEqual([host.name, host.metrics.requests.succeeded], ['other', 300]);
});
