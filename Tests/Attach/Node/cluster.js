// The program of app.js as the primary of a cluster whose workers send requests.
'use strict';
const cluster = require('cluster');
const http = require('http');

if (cluster.isPrimary) {
  const { tools } = require('./app.js');
  tools.startWorkers = (count, url) => Promise.all(Array.from({ length: count }, () => new Promise((resolve) => {
    const worker = cluster.fork({ TARGET: url });
    worker.on('message', () => resolve(worker.process.pid));
  })));
} else {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 3 });
  const one = () => new Promise((resolve, reject) => {
    http.get(process.env.TARGET, { agent }, (response) => response.on('end', resolve).resume()).on('error', reject);
  });
  (async () => {
    for (let index = 0; index < 5; index += 1) await Promise.all([one(), one(), one(), one(), one()]);
    process.send('done');
  })();
}
