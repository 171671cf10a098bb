// The little of the inspector's protocol that putting a hook into a running process needs.
'use strict';
const crypto = require('crypto');
const fs = require('fs');
const http = require('http');
const net = require('net');
const { HOOK, until } = require('./support');

/** Opens a process's inspector by SIGUSR1, evaluates expressions in it one after another, and returns their values. */
async function evaluate(app, expressions) {
  const before = app.stderr.length;
  app.child.kill('SIGUSR1');
  const address = () => /listening on ws:\/\/127\.0\.0\.1:(\d+)(\/[\w-]+)/.exec(app.stderr.slice(before));
  const [, port, path] = await until(address, 'the inspector to open');
  const socket = await connect(port, path);
  const values = [];
  for (const expression of expressions) {
    send(socket, { id: 1, method: 'Runtime.evaluate', params: { expression, includeCommandLineAPI: true, returnByValue: true } });
    const { result, exceptionDetails } = (await receive(socket)).result;
    if (exceptionDetails) throw new Error(exceptionDetails.exception.description);
    values.push(result.value);
  }
  // It waits until its clients are gone.
  const expression = '((inspector) => { setTimeout(() => inspector.close(), 1); })(require("inspector"))';
  send(socket, { id: 2, method: 'Runtime.evaluate', params: { expression, includeCommandLineAPI: true } });
  await receive(socket);
  socket.destroy();
  await until(() => isRefused(port), 'the inspector to close');
  await app.run(() => 0);
  return values;
}

/** The hook's source as a module of its own, which no file and no cache knows. `then` is run with its exports. */
const injection = (then = '') => `(() => {
  const module = { exports: {} };
  (function (exports, require, module) {
${fs.readFileSync(HOOK, 'utf8')}
  })(module.exports, require, module);
  ${then}
  return JSON.parse(JSON.stringify(module.exports));
})()`;

/** Puts the hook in as `pooltop attach PID` does, and returns what it reports. */
const inject = async (app, then) => (await evaluate(app, [injection(then)]))[0];

const isRefused = (port) => new Promise((resolve) => {
  const socket = net.connect(port, '127.0.0.1');
  socket.on('error', (error) => resolve(error.code === 'ECONNREFUSED')).on('connect', () => resolve(socket.destroy() && false));
});

function connect(port, path) {
  return new Promise((resolve, reject) => {
    const key = crypto.randomBytes(16).toString('base64');
    const headers = { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Key': key };
    http.get({ host: '127.0.0.1', port, path, headers, agent: false }).on('upgrade', (response, socket) => resolve(socket)).on('error', reject);
  });
}

/** Sends one masked text frame (RFC 6455). */
function send(socket, message) {
  const text = Buffer.from(JSON.stringify(message));
  const head = Buffer.alloc(14);
  head[0] = 0x81;
  head[1] = 0xff;
  head.writeBigUInt64BE(BigInt(text.length), 2);
  // The mask is zero, which leaves the text as it is.
  socket.write(Buffer.concat([head, text]));
}

/** The next text frame of less than 64 KiB. */
function receive(socket) {
  return new Promise((resolve, reject) => {
    let input = Buffer.alloc(0);
    const read = (chunk) => {
      input = Buffer.concat([input, chunk]);
      if (input.length < 4) return;
      const start = input[1] < 126 ? 2 : 4;
      const length = start === 2 ? input[1] : input.readUInt16BE(2);
      if (input.length < start + length) return;
      socket.removeListener('data', read);
      resolve(JSON.parse(input.subarray(start, start + length)));
    };
    socket.on('data', read).once('close', () => reject(new Error('the inspector closed')));
  });
}

module.exports = { inject, injection };
