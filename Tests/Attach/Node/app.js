// A program for the tests: it runs the functions that its parent sends, and offers them ways to send requests.
'use strict';
const http = require('http');
const https = require('https');

process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
process.removeAllListeners('warning');
// Node 18 has it off.
http.globalAgent.keepAlive = true;
https.globalAgent.keepAlive = true;

/** One request by http or https. Gives the status, or the error's code. */
function get(url, options = {}) {
  return new Promise((resolve) => {
    const request = (url.startsWith('https') ? https : http).get(url, options, (response) => {
      response.on('end', () => resolve(response.statusCode));
      response.on('error', (error) => resolve(error.code));
      response.resume();
    });
    request.on('error', (error) => resolve(error.code));
    if (options.onRequest) options.onRequest(request);
  });
}

/** Calls `send` so many times, so many at once, and counts what it gives. */
async function many(count, parallel, send) {
  const outcomes = {};
  let left = count;
  await Promise.all(Array.from({ length: parallel }, async () => {
    while (left > 0) {
      left -= 1;
      const outcome = await send();
      outcomes[outcome] = (outcomes[outcome] || 0) + 1;
    }
  }));
  return outcomes;
}

/** Sends so many requests a second, without waiting for their answers before the next, and counts what they give. */
async function paced(perSecond, milliseconds, send) {
  const outcomes = {};
  const all = [];
  const begun = Date.now();
  for (let passed = 0; passed < milliseconds; passed = Date.now() - begun) {
    while (all.length < (passed / 1000) * perSecond) {
      all.push(send().then((outcome) => { outcomes[outcome] = (outcomes[outcome] || 0) + 1; }));
    }
    await sleep(2);
  }
  await Promise.all(all);
  return outcomes;
}

const sleep = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });

const tools = { http, https, get, many, paced, sleep, require, state: {} };

module.exports = { tools };

process.on('message', async ({ id, body, values }) => {
  try {
    const value = await eval(`(${body})`)(tools, ...values);
    process.send({ id, value });
  } catch (error) {
    process.send({ id, error: error.stack });
  }
});
