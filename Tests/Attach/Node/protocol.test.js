// The protocol on the agent's side: greetings, differences, limits, hostile viewers.
'use strict';
const assert = require('node:assert');
const net = require('node:net');
const { test } = require('node:test');
const { App, PROTOCOL, Viewer, applyPatch, startServer, until } = require('./support');

async function start(t) {
  const [server, app] = [await startServer(), new App()];
  t.after(async () => {
    await app.stop();
    await server.stop();
  });
  return { server, app, viewer: await app.view({ allowChanges: true }) };
}

const sendSome = (app, url) => app.run(async ({ http, get, many, state }, to) => {
  state.agent = state.agent || new http.Agent({ keepAlive: true });
  await many(8, 4, () => get(to, { agent: state.agent }));
}, url);

/** The names that the Swift types must find. */
const REQUIRED = {
  snapshot: ['sequence', 'takenAt', 'uptimeSeconds', 'keepAlive', 'dnsCacheEnabled', 'draining', 'maxTotalSockets', 'hosts', 'dns',
    'dnsRecords', 'process', 'events', 'ignoredEvents', 'source'],
  host: ['id', 'name', 'origin', 'isTLS', 'keepAlive', 'keepAliveIsOwn', 'maxSockets', 'maxFreeSockets', 'idleLimitOrigin', 'metrics',
    'certainty', 'addresses'],
  socket: ['id', 'state', 'ageSeconds', 'exchanges'],
};

/** Fails for a number, string or object that has no place in JSON or in the model. */
function assertPlain(value, place = '') {
  if (typeof value === 'number') assert.ok(Number.isFinite(value), place);
  else if (typeof value === 'object') {
    assert.notEqual(value, null, place);
    for (const [key, inner] of Object.entries(value)) assertPlain(inner, `${place}.${key}`);
  } else assert.ok(['string', 'boolean'].includes(typeof value), `${place}: ${typeof value}`);
}

test('The greeting and the snapshot have what the model needs', async (t) => {
  const { server, app, viewer } = await start(t);
  assert.deepEqual({ ...viewer.hello, capabilities: null }, {
    type: 'hello', protocol: PROTOCOL, agent: 'node-hook 1', runtime: `node ${process.version}`, pid: app.child.pid, thread: 0,
    name: 'node app.js', capabilities: null,
  });
  await sendSome(app, server.url);
  const document = await viewer.get({ sockets: 'all' });
  assertPlain(document);
  for (const name of REQUIRED.snapshot) assert.ok(name in document, name);
  const [host] = Object.values(document.hosts);
  for (const name of REQUIRED.host) assert.ok(name in host, name);
  for (const socket of Object.values(host.sockets)) for (const name of REQUIRED.socket) assert.ok(name in socket, name);
  assert.deepEqual(document.source, { kind: 'attach', name: 'node app.js', pid: app.child.pid, scope: 'process', notes: [] });
  assert.ok(document.process.cpuSeconds > 0 && document.process.maxResidentBytes > 1e6);
  assert.equal(JSON.stringify(document).includes('/slow'), false);
});

test('Differences make the whole snapshot again', async (t) => {
  const { server, app, viewer } = await start(t);
  const whole = await app.view();
  for (let round = 0; round < 5; round += 1) {
    await sendSome(app, server.url + (round === 3 ? '/missing' : '/'));
    const sockets = round % 2 === 0 ? 'all' : [0];
    const merged = await viewer.get({ sockets });
    assert.equal(viewer.answer.base, round === 0 ? 0 : viewer.answer.id - 1);
    whole.base = 0;
    const full = await whole.get({ sockets });
    const stable = (document) => JSON.parse(JSON.stringify(document, (key, value) => (
      ['sequence', 'takenAt', 'uptimeSeconds', 'ageSeconds', 'idleSeconds', 'process'].includes(key) ? undefined : value)));
    assert.deepEqual(stable(merged), stable(full));
  }
  const withoutSockets = await viewer.get();
  assert.equal(withoutSockets.hosts[0].sockets, undefined);
  assert.ok(JSON.stringify(viewer.answer).length < 700, JSON.stringify(viewer.answer));
  const stale = await viewer.ask({ type: 'get', base: 1 });
  assert.equal(stale.base, 0);
  assert.deepEqual(applyPatch({}, stale.patch).hosts[0].metrics.requests.started, 40);
});

test('Answers come in the order of the requests', async (t) => {
  const { viewer } = await start(t);
  for (let id = 1; id <= 50; id += 1) viewer.write({ type: id % 2 === 0 ? 'get' : 'nonsense', id, base: 0 });
  viewer.write({ type: 'nonsense' });
  viewer.write({ type: 'get', id: 51, extra: { deep: [1] } });
  for (let id = 1; id <= 51; id += 1) assert.equal((await viewer.next()).id, id);
});

test('Hostile lines end the connection and nothing else', async (t) => {
  const { server, app, viewer } = await start(t);
  const greeting = `${JSON.stringify({ type: 'hello', protocol: PROTOCOL, allowChanges: true })}\n`;
  const lines = [
    'x\n', '{\n', 'null\n', '[]\n', '"hello"\n', '{}\n', '{"type":"get","id":1}\n', '{"type":"hello","protocol":"other/1"}\n',
    `${greeting}not json\n`, `${greeting}${'['.repeat(60000)}\n`, `${greeting}{"type":1,"id":1}\n`, `${greeting}\u0000\n`,
    'a'.repeat(200000), `${greeting}${' '.repeat(70000)}\n`, Buffer.from([0xff, 0xfe, 0x0a]),
  ];
  for (const line of lines) {
    const socket = net.connect(app.socketPath);
    socket.on('error', () => {});
    socket.resume();
    socket.write(line);
    await new Promise((resolve) => socket.once('close', resolve));
  }
  await sendSome(app, server.url);
  assert.equal((await viewer.host(server.url)).metrics.requests.succeeded, 8);
  assert.equal(viewer.document.ignoredEvents, 0);
  assert.equal(app.stderr, '');
});

test('Odd requests of a greeted viewer are answered', async (t) => {
  const { viewer } = await start(t);
  const odd = [
    { type: 'get', base: 'x', sockets: { a: 1 } }, { type: 'get', base: -1, sockets: [null, {}, 'all', 1e9] }, { type: '__proto__' },
    { type: 'constructor' }, { type: 'set' }, { type: 'set', setting: '__proto__', value: {} }, { type: 'closeIdle', host: -1 },
    { type: 'set', setting: 'maxSockets', value: 1e300 }, { type: 'set', setting: ['keepAlive'], value: true }, { type: 'toString' },
  ];
  for (const message of odd) {
    const answer = await viewer.ask(message);
    assert.equal(answer.type, message.type === 'get' ? 'snapshot' : 'refused', JSON.stringify(message));
  }
});

test('Eight viewers are served, a ninth is told so', async (t) => {
  const { app } = await start(t);
  const more = [];
  for (let count = 2; count <= 8; count += 1) more.push(await app.view());
  const ninth = await Viewer.connect(app.socketPath, { sayHello: false });
  assert.deepEqual(ninth.hello, { type: 'refused', id: 0, why: '8 viewers are connected already.' });
  assert.equal(await ninth.next(), null);
  await more[0].end();
  const tenth = await until(async () => {
    const one = await app.view();
    return one.hello.type === 'hello' ? one : null;
  }, 'a free place');
  assert.ok((await tenth.get()).sequence > 0);
});

test('A viewer that does not read costs at most one answer', async (t) => {
  const { server, app } = await start(t);
  await app.run(async ({ get }, port) => {
    for (let index = 0; index < 300; index += 1) await get(`http://127.0.0.${1 + (index % 250)}:${port}/`, { agent: false });
  }, new URL(server.url).port);
  const socket = net.connect(app.socketPath);
  t.after(() => socket.destroy());
  socket.pause();
  socket.write(`${JSON.stringify({ type: 'hello', protocol: PROTOCOL })}\n`);
  const before = await app.run(() => process.memoryUsage().rss);
  for (let id = 1; id <= 2000; id += 1) socket.write(`${JSON.stringify({ type: 'get', id, base: 0 })}\n`);
  await new Promise((resolve) => setTimeout(resolve, 300));
  const after = await app.run(() => process.memoryUsage().rss);
  assert.ok(after - before < 60e6, `${(after - before) / 1e6} MB`);
});
