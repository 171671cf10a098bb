// A viewer in a process of its own, which switches keep-alive off and waits to be killed.
'use strict';
const { Viewer } = require('./support');

(async () => {
  const viewer = await Viewer.connect(process.argv[2], { allowChanges: true });
  const answer = await viewer.set('keepAlive', false);
  console.log(answer.type);
})();
