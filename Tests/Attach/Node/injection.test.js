// The hook in a process that runs already: put in by the inspector, put in twice, taken out and put in again.
'use strict';
const assert = require('node:assert');
const fs = require('node:fs');
const { test } = require('node:test');
const { App, HOOK, Viewer, assertBalanced, startServer, until } = require('./support');
const { inject, injection } = require('./inspector');

async function start(t, { preload = false, ...serverOptions } = {}) {
  const server = await startServer(serverOptions);
  const app = new App({ preload, execArgv: ['--inspect-port=0'] });
  t.after(async () => {
    await app.stop();
    await server.stop();
  });
  // The program must be up before it can be signalled.
  await app.run(() => 0);
  return { server, app };
}

/** Sends some requests by agents of its own, by undici and by fetch. */
const fillPools = (app, url) => app.run(async ({ require, http, https, get, many, state }, to) => {
  const { Agent } = to.startsWith('https') ? https : http;
  const undici = require('undici');
  const connect = { rejectUnauthorized: false };
  state.agents = state.agents || [new Agent({ keepAlive: true }), new Agent({ keepAlive: true, maxSockets: 2 }), new Agent()];
  state.pool = state.pool || new undici.Pool(to, { connections: 3, connect });
  const read = async () => (await (await state.pool.request({ path: '/slow', method: 'GET' })).body.text());
  for (const agent of state.agents.slice(0, 2)) await many(6, 3, () => get(`${to}/slow`, { agent }));
  await many(6, 3, read);
  await many(3, 3, async () => (await fetch(`${to}/slow`)).text());
}, url);

for (const tls of [false, true]) {
  test(`Pools of a running process appear as older than the hook, and are switched (${tls ? 'https' : 'http'})`, async (t) => {
    const { server, app } = await start(t, { tls });
    await fillPools(app, server.url);
    await app.run(({ get, state }, url) => { state.held = get(`${url}/hold`, { agent: state.agents[2] }); }, server.url);
    await until(() => server.held.length === 1, 'a request to be in flight');
    const before = server.connections;
    assert.equal(before, 12);
    const report = await inject(app);
    assert.deepEqual(report, {
      socketPath: app.socketPath, reason: '', pid: app.child.pid, thread: 0, version: '1', alreadyThere: false,
    });
    const viewer = await app.view({ allowChanges: true });
    let host = await viewer.host(server.url, { sockets: 'all' });
    assertBalanced(assert, host);
    const { openedBefore, opened, active, idle } = host.metrics.connections;
    assert.deepEqual({ openedBefore, opened, active, idle }, { openedBefore: before, opened: 0, active: 1, idle: before - 1 });
    assert.equal(Object.keys(host.sockets).length, before);
    assert.deepEqual(Object.values(host.sockets).map((socket) => socket.state).filter((state) => state !== 'idle'), ['awaitingHead']);
    assert.deepEqual(host.metrics.bytes, { sent: 0, received: 0 });

    await fillPools(app, server.url);
    assert.equal(server.connections, before, 'every connection is used again');
    host = await viewer.host(server.url);
    assert.equal(host.metrics.connections.opened, 0);
    assert.equal(host.metrics.requests.started, 22);
    assert.equal(host.metrics.requests.onReusedConnection, 22);

    await viewer.set('keepAlive', false);
    host = await until(async () => {
      const one = await viewer.host(server.url);
      return one.metrics.connections.idle === 0 ? one : null;
    }, 'idle connections to close');
    assert.equal(host.metrics.connections.closedByReason.keepAliveDisabled, before - 1);
    await fillPools(app, server.url);
    await until(async () => (await viewer.host(server.url)).metrics.connections.active === 1, 'connections to close');
    host = await viewer.host(server.url);
    assertBalanced(assert, host);
    // An agent with a finite maxSockets hands a connection on to a request that waits for one.
    assert.ok(host.metrics.connections.opened >= 15, `${host.metrics.connections.opened}`);
    assert.equal(host.metrics.connections.opened, server.connections - before);
    server.held[0].end('ok');
    assert.equal(await app.run(({ state }) => state.held), 200);
  });
}

test('A second hook reports the first one and does nothing else', async (t) => {
  const { server, app } = await start(t, { preload: true });
  const first = await inject(app);
  const second = await inject(app);
  assert.deepEqual(first, {
    socketPath: app.socketPath, reason: '', pid: app.child.pid, thread: 0, version: '1', alreadyThere: true,
  });
  assert.deepEqual(second, first);
  const required = await app.run(({ require }, hook) => {
    delete require.cache[require.resolve(hook)];
    const { socketPath, alreadyThere } = require(hook);
    return { socketPath, alreadyThere };
  }, HOOK);
  assert.deepEqual(required, { socketPath: app.socketPath, alreadyThere: true });
  await app.run(({ many, get }, url) => many(5, 1, () => get(url)), server.url);
  assert.equal((await (await app.view()).host(server.url)).metrics.requests.started, 5);
});

test('A hook that could not listen does so when it is put in again', async (t) => {
  const { app } = await start(t);
  fs.mkdirSync(app.directory);
  fs.chmodSync(app.directory, 0o755);
  const deaf = await inject(app);
  assert.equal(deaf.socketPath, null);
  assert.match(deaf.reason, /can be entered by other users/);
  fs.chmodSync(app.directory, 0o700);
  const report = await inject(app);
  assert.deepEqual([report.socketPath, report.reason, report.alreadyThere], [app.socketPath, '', true]);
  assert.equal((await app.view()).hello.type, 'hello');
});

test('After unhook it can be put in again, by evaluation and by require', async (t) => {
  const { server, app } = await start(t);
  const hookBy = {
    evaluation: () => inject(app),
    require: () => app.run(({ require }, hook) => require(hook).alreadyThere, HOOK),
    createRequire: () => app.run(({ require }, hook) => {
      const created = require('module').createRequire('file:///no/such/folder/x.js');
      return created(hook).alreadyThere;
    }, HOOK),
  };
  for (const [way, put] of [...Object.entries(hookBy), ...Object.entries(hookBy)]) {
    await put();
    await app.run(({ many, get }, url) => many(3, 1, () => get(url)), server.url);
    const viewer = await app.view({ allowChanges: true });
    const host = await viewer.host(server.url);
    assert.equal(host.metrics.requests.started, 3, way);
    assert.equal((await viewer.ask({ type: 'unhook' })).type, 'done');
    assert.equal(await viewer.next(), null);
    await until(() => !fs.existsSync(app.socketPath), 'the socket to go');
  }
  assert.equal(server.requests, 18);
  assert.equal(server.connections, 1);
});

test('A hook that was put in for a viewer goes with the last one', async (t) => {
  const { server, app } = await start(t);
  const isHooked = () => app.run(() => Symbol.for('pooltop.hook') in globalThis);
  await inject(app, 'module.exports.leavesWithLastViewer = true;');
  const [one, two] = [await app.view({ allowChanges: true }), await app.view()];
  await one.set('keepAlive', false);
  await one.end();
  assert.equal(typeof (await two.get()).sequence, 'number');
  assert.equal(await isHooked(), true);
  await two.end();
  await until(async () => !await isHooked(), 'the hook to go');
  assert.equal(fs.existsSync(app.socketPath), false);
  assert.equal(await app.run(({ http }) => http.globalAgent.keepAlive), true);
  await app.run(({ many, get }, url) => many(3, 1, () => get(url)), server.url);
  assert.equal(server.connections, 1);
});

test('A hook that was preloaded stays when its viewers leave', async (t) => {
  const { app } = await start(t, { preload: true });
  const viewer = await app.view();
  await viewer.end();
  const next = await Viewer.connect(app.socketPath);
  assert.equal(next.hello.type, 'hello');
  assert.equal((await inject(app)).alreadyThere, true);
});

test('A pool of a large heap is taken in when it is next used', async (t) => {
  const { server, app } = await start(t);
  await app.run(async ({ http, get, many, state }, url) => {
    state.agent = new http.Agent({ keepAlive: true });
    await many(4, 2, () => get(`${url}/slow`, { agent: state.agent }));
    state.ballast = Array.from({ length: 4e6 }, (_, index) => ({ index, next: [index] }));
    return process.memoryUsage().heapUsed;
  }, server.url);
  await inject(app);
  const viewer = await app.view();
  assert.deepEqual((await viewer.get()).hosts, {});
  await app.run(({ get, state }, url) => get(url, { agent: state.agent }), server.url);
  const { connections } = (await viewer.host(server.url)).metrics;
  assert.deepEqual([connections.openedBefore, connections.opened, connections.idle], [2, 0, 2]);
});

test('The source is one function of exports, require and module', async (t) => {
  const { app } = await start(t);
  assert.equal(injection().includes('__filename') || injection().includes('__dirname'), false);
  const report = await app.run(({ require }, hook) => {
    const { runInThisContext } = require('vm');
    const source = require('fs').readFileSync(hook, 'utf8');
    const module = { exports: {} };
    runInThisContext(`(function (exports, require, module) {${source}\n})`)(module.exports, require('module').createRequire('/'), module);
    return module.exports.socketPath;
  }, HOOK);
  assert.equal(report, app.socketPath);
});
