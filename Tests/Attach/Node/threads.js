// The program of app.js with a worker thread that sends requests.
'use strict';
const { Worker, isMainThread, parentPort, workerData } = require('worker_threads');

if (isMainThread) {
  const { tools } = require('./app.js');
  let worker;
  tools.startWorker = (url) => new Promise((resolve, reject) => {
    worker = new Worker(__filename, { workerData: url });
    worker.once('message', resolve).once('error', reject);
  });
  tools.stopWorker = () => worker.terminate();
} else {
  const http = require('http');
  const agent = new http.Agent({ keepAlive: true });
  (async () => {
    for (let index = 0; index < 10; index += 1) {
      await new Promise((resolve, reject) => {
        http.get(workerData, { agent }, (response) => response.on('end', resolve).resume()).on('error', reject);
      });
    }
    parentPort.on('message', () => {});
    parentPort.postMessage('done');
  })();
}
