// node load.js URL REQUESTS CONCURRENCY on|off: that many GETs over http.Agent, so many in flight, each body read to its
// end. Prints how many had a whole response with status 200.
'use strict';
const http = require('http');

const [url, requests, concurrency, keepAlive] = process.argv.slice(2);
const sockets = Number(concurrency);
// With a finite maxSockets Node keeps connections whatever keepAlive says; so many are in flight without that limit too.
const agent = keepAlive === 'on'
  ? new http.Agent({ keepAlive: true, maxSockets: sockets, maxFreeSockets: sockets })
  : new http.Agent({ keepAlive: false });
const { hostname, port, pathname } = new URL(url);
const options = { hostname, port, path: pathname, agent };
let left = Number(requests);
let running = 0;
let succeeded = 0;

function ended() {
  running -= 1;
  if (left > 0) next();
  else if (running === 0) {
    agent.destroy();
    console.log(succeeded);
  }
}

function next() {
  left -= 1;
  running += 1;
  const request = http.get(options, (response) => {
    response.on('data', () => {});
    response.on('end', () => {
      if (response.statusCode === 200) succeeded += 1;
      ended();
    });
    response.on('error', ended);
  });
  request.on('error', (error) => {
    console.error(error.message);
    ended();
  });
}

for (let i = 0; i < sockets && left > 0; i += 1) next();
