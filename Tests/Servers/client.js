// Requests through an agent that is made by the advised line itself: client.js KIND LINE URL ROUNDS PARALLEL PAUSE_MS
// Prints as JSON how many were lost, and on how many connections they went.
'use strict';
const [kind, line, url, rounds, parallel, pause] = process.argv.slice(2);
const http = require('http');
const https = require('https');
process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
process.removeAllListeners('warning');

let agent;
let connections = 0;
let exchange;
const errors = {};

function through(agent) {
  const { request } = url.startsWith('https') ? https : http;
  return () => new Promise((resolve, reject) => {
    const sent = request(url, { agent, method: 'POST' }, (response) => {
      response.on('end', resolve).on('error', reject).resume();
    });
    sent.on('socket', (socket) => { if (!sent.reusedSocket) connections += 1; }).on('error', reject).end();
  });
}

if (kind === 'undici') {
  const undici = require('undici');
  agent = new Function('Agent', 'return ' + line)(undici.Agent).on('connect', () => { connections += 1; });
  exchange = async () => {
    const { body } = await undici.request(url, { dispatcher: agent, method: 'POST' });
    for await (const _ of body);
  };
} else if (kind === 'agentkeepalive') {
  const Agent = require('agentkeepalive');
  exchange = through(new Function('HttpAgent', 'HttpsAgent', 'return ' + line)(Agent, Agent.HttpsAgent));
} else {
  exchange = through(new Function('http', 'https', 'return ' + line)(http, https));
}

(async () => {
  let lost = 0;
  await Promise.all(Array.from({ length: Number(parallel) }, async () => {
    for (let round = 0; round < Number(rounds); round += 1) {
      if (round > 0) await new Promise((resolve) => setTimeout(resolve, Number(pause)));
      await exchange().catch((error) => {
        lost += 1;
        errors[error.code || error.message] = (errors[error.code || error.message] || 0) + 1;
      });
    }
  }));
  console.log(JSON.stringify({ lost, connections, errors }));
  process.exit(0);
})();
