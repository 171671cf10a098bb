// Settings that a viewer changes, and how they are put back.
'use strict';
const assert = require('node:assert');
const { spawn } = require('node:child_process');
const path = require('node:path');
const { test } = require('node:test');
const { App, assertBalanced, startServer, until } = require('./support');

async function start(t) {
  const [server, app] = [await startServer(), new App()];
  t.after(async () => {
    await app.stop();
    await server.stop();
  });
  return { server, app, viewer: await app.view({ allowChanges: true }) };
}

/** Makes an agent in the program and lets it send some requests. */
const makeAgent = (app, url, options) => app.run(async ({ http, get, many, state }, to, given) => {
  state.agent = new http.Agent(given);
  await many(4, 2, () => get(to, { agent: state.agent }));
}, url, options);

const agentOf = (app) => app.run(({ state }) => {
  const { keepAlive, maxSockets, maxFreeSockets, maxTotalSockets, scheduling } = state.agent;
  return { keepAlive, maxSockets: String(maxSockets), maxFreeSockets, maxTotalSockets: String(maxTotalSockets), scheduling };
});

test('Keep-alive is switched off and on in agents, undici and agents to come', async (t) => {
  const { server, app, viewer } = await start(t);
  const burst = () => app.run(async ({ http, get, many, state }, url) => {
    state.agent = state.agent || new http.Agent({ keepAlive: true });
    await many(10, 2, () => get(url, { agent: state.agent }));
    state.fresh = new http.Agent({ keepAlive: true });
    await many(10, 1, () => get(url, { agent: state.fresh }));
    await many(10, 1, async () => { await (await fetch(url)).text(); });
    return state.fresh.keepAlive;
  }, server.url);
  await burst();
  const reused = server.connections;
  assert.ok(reused <= 8, `${reused}`);
  const answer = await viewer.set('keepAlive', false);
  assert.equal(answer.type, 'done');
  assert.match(answer.effects[0], /^keepAlive is false; [34] agents and [1-9] undici clients? changed\.$/);
  await until(async () => (await viewer.host(server.url)).metrics.connections.idle === 0, 'idle connections to close');
  assert.equal(await burst(), false);
  assert.equal(server.connections, reused + 30);
  let host = await viewer.host(server.url);
  assert.equal(host.keepAlive, false);
  assert.equal(viewer.document.keepAlive, false);
  assertBalanced(assert, host);
  assert.equal(host.metrics.connections.closedByReason.keepAliveDisabled, host.metrics.connections.closed);
  await viewer.set('keepAlive', true);
  await burst();
  assert.ok(server.connections <= reused + 38, `${server.connections}`);
  host = await viewer.host(server.url);
  assert.equal(host.keepAlive, true);
  assert.deepEqual(viewer.document.events.map((event) => event.kind), ['keepAliveOff', 'keepAliveOn']);
});

test('Keep-alive is switched for one host of an agent that serves several', async (t) => {
  const { server, app, viewer } = await start(t);
  const other = await startServer();
  t.after(() => other.stop());
  const burst = () => app.run(async ({ http, get, many, state }, urls) => {
    state.agent = state.agent || new http.Agent({ keepAlive: true });
    for (const url of urls) await many(10, 1, () => get(url, { agent: state.agent }));
  }, [server.url, other.url]);
  await burst();
  const host = await viewer.host(server.url);
  const answer = await viewer.set('keepAlive', false, host.id);
  assert.equal(answer.type, 'done');
  await burst();
  assert.deepEqual([server.connections, other.connections], [11, 1]);
  const after = await viewer.host(server.url);
  assert.deepEqual([after.keepAlive, after.keepAliveIsOwn], [false, true]);
  assert.equal((await viewer.host(other.url)).keepAlive, true);
  const refused = await viewer.set('maxFreeSockets', 1, host.id);
  assert.equal(refused.type, 'refused');
  assert.match(refused.why, /serves others too/);
  await viewer.ask({ type: 'restore' });
  await burst();
  assert.equal(server.connections, 12);
});

test('A raised maxSockets lets waiting requests go', async (t) => {
  const { server, app, viewer } = await start(t);
  await app.run(async ({ http, get, many, state }, url) => {
    const { AsyncLocalStorage } = await import('node:async_hooks');
    const storage = new AsyncLocalStorage();
    state.contexts = [];
    state.agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    for (let index = 0; index < 6; index += 1) {
      storage.run(index, () => http.get(`${url}/hold`, { agent: state.agent }, (response) => {
        state.contexts.push(storage.getStore());
        response.resume();
      }));
    }
  }, server.url);
  await until(() => server.held.length === 1, 'the first request');
  const host = await viewer.host(server.url);
  assert.equal(host.metrics.requests.queued, 5);
  await viewer.set('maxSockets', 4);
  await until(() => server.held.length === 4, 'three more requests');
  const raised = await viewer.host(server.url);
  assertBalanced(assert, raised);
  assert.deepEqual([raised.maxSockets, raised.metrics.requests.queued, raised.metrics.requests.inFlight], [4, 2, 4]);
  await viewer.set('maxSockets', 0, host.id);
  await until(() => server.held.length === 6, 'the last two');
  server.held.forEach((response) => response.end('ok'));
  const contexts = await until(() => app.run(({ state }) => state.contexts.length === 6 && state.contexts), 'all responses');
  assert.deepEqual(contexts.sort(), [0, 1, 2, 3, 4, 5]);
});

test('Limits and scheduling are set and put back on request', async (t) => {
  const { server, app, viewer } = await start(t);
  await makeAgent(app, server.url, { keepAlive: true, maxSockets: 7 });
  const before = await agentOf(app);
  for (const [setting, value] of [['maxSockets', 3], ['maxFreeSockets', 1], ['maxTotalSockets', 5], ['scheduling', 'fifo']]) {
    assert.equal((await viewer.set(setting, value)).type, 'done', setting);
  }
  assert.deepEqual(await agentOf(app), { keepAlive: true, maxSockets: '3', maxFreeSockets: 1, maxTotalSockets: '5', scheduling: 'fifo' });
  await until(async () => (await viewer.host(server.url)).metrics.connections.idle === 1, 'a surplus connection to close');
  assert.deepEqual((await viewer.ask({ type: 'restore' })).effects, ['Put back: 4 settings.']);
  assert.deepEqual(await agentOf(app), before);
});

test('Wrong values, settings and hosts are refused with a reason', async (t) => {
  const { viewer, app } = await start(t);
  const wrong = [
    { setting: 'keepAlive', value: 1 }, { setting: 'maxSockets', value: -1 }, { setting: 'maxSockets', value: 1.5 },
    { setting: 'scheduling', value: 'random' }, { setting: 'constructor', value: 1 }, { setting: 'keepAlive', value: true, host: 99 },
    { setting: 'keepAlive', value: true, host: 'x' }, { setting: 'keepAlive', value: true, host: '__proto__' }, {},
  ];
  for (const message of wrong) {
    const answer = await viewer.ask({ type: 'set', ...message });
    assert.equal(answer.type, 'refused', JSON.stringify(message));
    assert.match(answer.why, /\.$/);
  }
  assert.equal((await viewer.ask({ type: 'explode' })).type, 'refused');
  const reader = await app.view();
  assert.match((await reader.set('keepAlive', false)).why, /--allow-changes/);
  assert.match((await reader.ask({ type: 'unhook' })).why, /--allow-changes/);
});

test('closeIdle closes idle connections and nothing else', async (t) => {
  const { server, app, viewer } = await start(t);
  await app.run(async ({ http, get, many, state }, url) => {
    state.agent = new http.Agent({ keepAlive: true });
    state.held = get(`${url}/hold`, { agent: state.agent });
    await many(6, 3, () => get(`${url}/slow`, { agent: state.agent }));
    await (await fetch(url)).text();
  }, server.url);
  const answer = await viewer.ask({ type: 'closeIdle' });
  assert.deepEqual(answer.effects, ['Closed: 4 idle connections.']);
  const host = await until(async () => {
    const one = await viewer.host(server.url);
    return one.metrics.connections.closed === 4 ? one : null;
  }, 'four closes');
  assert.deepEqual(host.metrics.connections.closedByReason, { drain: 4 });
  assert.equal(host.metrics.connections.active, 1);
  server.held[0].end('ok');
  assert.equal(await app.run(({ state }) => state.held), 200);
});

test('Settings are put back when the viewer disconnects, and when it is killed', async (t) => {
  const { server, app, viewer } = await start(t);
  await makeAgent(app, server.url, { keepAlive: true });
  await viewer.set('keepAlive', false);
  assert.equal((await agentOf(app)).keepAlive, false);
  await viewer.end();
  await until(async () => (await agentOf(app)).keepAlive, 'the setting to be put back');
  const child = spawn(process.execPath, [path.join(__dirname, 'lone-viewer.js'), app.socketPath], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  assert.equal((await agentOf(app)).keepAlive, false);
  const killed = Date.now();
  child.kill('SIGKILL');
  await until(async () => (await agentOf(app)).keepAlive, 'the setting to be put back', 2000);
  assert.ok(Date.now() - killed < 2000);
});

test('A change that another viewer made later stays until that one goes', async (t) => {
  const { server, app, viewer } = await start(t);
  await makeAgent(app, server.url, { maxSockets: 9 });
  const second = await app.view({ allowChanges: true });
  await viewer.set('maxSockets', 5);
  await second.set('maxSockets', 2);
  await viewer.end();
  assert.equal((await agentOf(app)).maxSockets, '2');
  await second.end();
  await until(async () => (await agentOf(app)).maxSockets === '9', 'the original value');
});

test('What the application sets itself under a change is what is put back', async (t) => {
  const { server, app, viewer } = await start(t);
  await makeAgent(app, server.url, { maxSockets: 9 });
  await viewer.set('maxSockets', 5);
  await app.run(({ state }) => { state.agent.maxSockets = 11; });
  await viewer.end();
  await until(async () => (await agentOf(app)).maxSockets === '11', 'the application\'s value');
});
