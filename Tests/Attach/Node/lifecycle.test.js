// How the hook comes in and goes out: directories, workers, clusters, ends of processes, unhook.
'use strict';
const assert = require('node:assert');
const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { App, HOOK, LIBRARIES, Viewer, assertBalanced, scratchPath, startServer, until } = require('./support');

async function start(t, options) {
  const [server, app] = [await startServer(), new App(options)];
  t.after(async () => {
    await app.stop();
    await server.stop();
  });
  return { server, app };
}

/** Runs a script with the hook to its end. */
async function runScript(script, env = {}) {
  const child = spawn(process.execPath, ['--require', HOOK, '-e', script], {
    env: { ...process.env, NODE_OPTIONS: '', NODE_PATH: LIBRARIES, POOLTOP_ATTACH_DIR: scratchPath('run'), ...env }, timeout: 10000,
  });
  const result = { stdout: '', stderr: '' };
  for (const name of Object.keys(result)) child[name].on('data', (chunk) => { result[name] += chunk; });
  await new Promise((resolve) => child.once('close', (status, signal) => resolve(Object.assign(result, { status, signal }))));
  return result;
}

test('The socket is private, and goes with the process', async (t) => {
  const { app } = await start(t);
  await app.view();
  assert.equal(fs.statSync(app.directory).mode & 0o777, 0o700);
  assert.equal(fs.statSync(app.socketPath).mode & 0o777, 0o600);
  await app.run(() => { setImmediate(() => process.exit(0)); });
  await app.exited;
  assert.equal(fs.existsSync(app.socketPath), false);
});

test('A process with the hook ends by itself, with a viewer and after requests', async (t) => {
  const server = await startServer();
  t.after(() => server.stop());
  const result = await runScript(`
    const http = require('http');
    require('net').connect(require(${JSON.stringify(HOOK)}).socketPath).on('data', () => {}).unref();
    http.get(${JSON.stringify(server.url)}, { agent: new http.Agent({ keepAlive: true }) }, (response) => response.resume());
    console.log('begun');`);
  assert.deepEqual([result.status, result.signal, result.stdout, result.stderr], [0, null, 'begun\n', '']);
  assert.equal(server.requests, 1);
});

test('A directory that is not ours alone is refused, and the program runs on', async () => {
  const [real, link, open, file] = ['real', 'link', 'open', 'file'].map(scratchPath);
  fs.mkdirSync(real, { mode: 0o700 });
  fs.symlinkSync(real, link);
  fs.mkdirSync(open);
  fs.chmodSync(open, 0o755);
  fs.writeFileSync(file, '');
  const script = `const hook = require(${JSON.stringify(HOOK)}); console.log(hook.socketPath, hook.reason);`;
  const expected = { [link]: 'not a directory', [open]: 'entered by other users', [file]: 'not a directory', [`${real}/no/no`]: 'cannot be made' };
  for (const [directory, words] of Object.entries(expected)) {
    const quiet = await runScript(script, { POOLTOP_ATTACH_DIR: directory });
    assert.equal(quiet.status, 0);
    assert.equal(quiet.stderr, '');
    assert.match(quiet.stdout, new RegExp(`^null .*${words}`));
    const loud = await runScript(script, { POOLTOP_ATTACH_DIR: directory, POOLTOP_HOOK_DEBUG: '1' });
    assert.match(loud.stderr, new RegExp(`^pooltop-hook: .*${words}[^\\n]*\\n$`));
  }
  assert.deepEqual(fs.readdirSync(real), []);
});

test('Without a directory of its own the runtime directory is used', async () => {
  const runtime = scratchPath('runtime');
  fs.mkdirSync(runtime, { mode: 0o700 });
  const script = `console.log(require(${JSON.stringify(HOOK)}).socketPath === ${JSON.stringify(runtime)} + '/pooltop/node-' + process.pid + '.sock');`;
  assert.equal((await runScript(script, { POOLTOP_ATTACH_DIR: '', XDG_RUNTIME_DIR: runtime })).stdout, 'true\n');
});

test('Sockets of dead processes are removed, those of living ones stay', async () => {
  const directory = scratchPath('run');
  fs.mkdirSync(directory, { mode: 0o700 });
  const dead = spawnSync(process.execPath, ['-e', '']).pid;
  const names = [`node-${dead}.sock`, `node-${dead}-3.sock`, `node-${process.pid}.sock`, 'other.txt'];
  for (const name of names) fs.writeFileSync(path.join(directory, name), '');
  assert.equal((await runScript('0', { POOLTOP_ATTACH_DIR: directory })).status, 0);
  assert.deepEqual(fs.readdirSync(directory).sort(), [`node-${process.pid}.sock`, 'other.txt'].sort());
});

test('Loaded twice, required and evaluated, it is there once', async (t) => {
  const { server, app } = await start(t);
  const same = await app.run(({ require }, hook) => {
    const first = require(hook);
    delete require.cache[require.resolve(hook)];
    const second = require(hook);
    globalThis.require = require;
    const third = (0, eval)(require('fs').readFileSync(hook, 'utf8'));
    delete globalThis.require;
    return [first, second, third].map(({ socketPath, alreadyThere }) => [socketPath, alreadyThere]);
  }, HOOK);
  assert.deepEqual(same, [false, true, true].map((alreadyThere) => [app.socketPath, alreadyThere]));
  await app.run(({ get }, url) => get(url), server.url);
  assert.equal((await (await app.view()).host(server.url)).metrics.requests.started, 1);
});

test('Evaluated in a running process it works as required', async (t) => {
  const { server, app } = await start(t, { preload: false });
  const socketPath = await app.run(({ require }, hook) => {
    globalThis.require = require;
    const handle = (0, eval)(require('fs').readFileSync(hook, 'utf8'));
    delete globalThis.require;
    return handle.socketPath;
  }, HOOK);
  assert.equal(socketPath, app.socketPath);
  await app.run(({ get }, url) => get(url), server.url);
  assert.equal((await (await app.view()).host(server.url)).metrics.requests.succeeded, 1);
});

test('unhook puts every original back, with the settings and the socket', async (t) => {
  const { server, app } = await start(t, { preload: false });
  await app.run(async ({ require, state, http, get, many }, hook, url) => {
    const [net, dns] = [require('net'), require('dns')];
    state.functions = () => [http.Agent.prototype.addRequest, http.Agent.prototype.createSocket, http.Agent.prototype.keepSocketAlive, http.ClientRequest.prototype.onSocket,
      net.Socket.prototype.connect, dns.lookup, dns.promises.lookup];
    state.before = state.functions();
    state.agent = new http.Agent({ keepAlive: true });
    await many(4, 2, () => get(url, { agent: state.agent }));
    state.socket = Object.values(state.agent.freeSockets)[0][0];
    state.listeners = ['close', 'free', 'timeout', 'agentRemove'].map((name) => state.socket.listenerCount(name));
    require(hook);
    await many(4, 2, () => get(url, { agent: state.agent }));
  }, HOOK, server.url);
  const viewer = await app.view({ allowChanges: true });
  await viewer.set('maxSockets', 3);
  assert.equal((await viewer.ask({ type: 'unhook' })).type, 'done');
  assert.equal(await viewer.next(), null);
  await until(() => !fs.existsSync(app.socketPath), 'the socket to go');
  const after = await app.run(async ({ require, state, get, many }, url) => {
    const channels = ['http.client.response.finish', 'undici:request:create', 'undici:client:sendHeaders', 'undici:client:connected'];
    return {
      same: state.functions().every((one, index) => one === state.before[index]),
      listeners: ['close', 'free', 'timeout', 'agentRemove'].map((name) => state.socket.listenerCount(name)).join() === state.listeners.join(),
      maxSockets: String(state.agent.maxSockets),
      channels: channels.filter((name) => require('diagnostics_channel').hasSubscribers(name)),
      outcomes: await many(10, 2, () => get(url, { agent: state.agent })),
    };
  }, server.url);
  assert.deepEqual(after, { same: true, listeners: true, maxSockets: 'Infinity', channels: [], outcomes: { 200: 10 } });
  await app.run(({ require }, hook) => {
    delete require.cache[require.resolve(hook)];
    require(hook);
  }, HOOK);
  assert.equal((await (await app.view()).hello).type, 'hello');
});

test('A function that another library wrapped since stays in place', async (t) => {
  const { server, app } = await start(t);
  const outcome = await app.run(async ({ require, http, get, state }, hook, url) => {
    const inner = http.Agent.prototype.addRequest;
    let calls = 0;
    const outer = function addRequest(...parameters) {
      calls += 1;
      return inner.apply(this, parameters);
    };
    http.Agent.prototype.addRequest = outer;
    require(hook).unhook();
    const status = await get(url);
    return [http.Agent.prototype.addRequest === outer, calls, status];
  }, HOOK, server.url);
  assert.deepEqual(outcome, [true, 1, 200]);
});

test('Errors of the hook never reach the application, and after ten it is inert', async (t) => {
  const { server, app } = await start(t);
  const outcomes = await app.run(async ({ http, get, many }, url) => {
    // The hook alone uses regular expressions that throw.
    const { exec } = RegExp.prototype;
    RegExp.prototype.exec = function (text) {
      if (new Error().stack.split('\n')[3].includes('pooltop-hook')) throw new Error('broken');
      return exec.call(this, text);
    };
    return many(40, 1, () => get(url, { agent: new http.Agent({ keepAlive: true }) }));
  }, `${server.url}/old`);
  assert.deepEqual(outcomes, { 200: 40 });
  const viewer = await app.view({ allowChanges: true });
  assert.match(viewer.hello.disabled, /^after 10 errors of its own: broken/);
  const document = await viewer.get();
  assert.equal(document.source.notes[0].label, 'hookDisabled');
  assert.equal((await viewer.set('keepAlive', false)).type, 'refused');
});

test('A worker thread has a socket of its own', async (t) => {
  const { server, app } = await start(t, { program: 'threads.js' });
  await app.run(({ startWorker }, url) => startWorker(url), server.url);
  const workerPath = app.socketPath.replace('.sock', '-1.sock');
  const [main, worker] = [await app.view(), await Viewer.connect(workerPath)];
  assert.equal(worker.hello.thread, 1);
  const host = await worker.host(server.url);
  assertBalanced(assert, host);
  assert.equal(host.metrics.requests.succeeded, 10);
  assert.equal(server.requests, 10);
  assert.deepEqual((await main.get()).hosts, {});
  await app.run(({ stopWorker }) => stopWorker());
  await until(() => !fs.existsSync(workerPath), 'the socket of the worker to go');
});

test('Four workers of a cluster are four sockets whose counts add up', async (t) => {
  const { server, app } = await start(t, { program: 'cluster.js' });
  const pids = await app.run(({ startWorkers }, url) => startWorkers(4, url), server.url);
  const viewers = await Promise.all(pids.map((pid) => Viewer.connect(path.join(app.directory, `node-${pid}.sock`))));
  const hosts = await Promise.all(viewers.map((viewer) => viewer.host(server.url)));
  for (const host of hosts) {
    assertBalanced(assert, host);
    assert.equal(host.metrics.requests.succeeded, 25);
  }
  const sum = (read) => hosts.reduce((total, host) => total + read(host.metrics), 0);
  assert.equal(sum((metrics) => metrics.requests.started), server.requests);
  assert.equal(sum((metrics) => metrics.connections.opened), server.connections);
  assert.deepEqual(viewers.map((viewer) => viewer.hello.pid), pids);
});
