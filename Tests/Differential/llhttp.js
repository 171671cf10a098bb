// What Node's HTTP client parser (llhttp) says of responses; input and output as in FramingVerdicts.swift.
'use strict';
process.removeAllListeners('warning');
process.on('warning', () => {});
const { HTTPParser } = process.binding('http_parser');
const readline = require('readline');

function verdict(kind, ending, cuts, bytes) {
  const parser = new HTTPParser();
  parser.initialize(HTTPParser.RESPONSE, {});
  let status = 0, informational = 0, done = false, keeps = false, upgraded = false, current = 0;
  const body = [];
  parser[HTTPParser.kOnHeaders] = () => {};
  // What lib/_http_client.js answers: 1 skips the body, 2 also says that another protocol follows.
  parser[HTTPParser.kOnHeadersComplete] = (...head) => {
    const [code, shouldKeepAlive] = [head[5], head[8]];
    if (done) return 0;
    current = code;
    if (code >= 100 && code < 200 && code !== 101) { informational += 1; return 1; }
    status = code;
    keeps = shouldKeepAlive;
    // Node takes any answer to CONNECT for the beginning of the tunnel; the caller looks at the status.
    if (code === 101 || (kind === 'CONNECT' && code < 300)) { upgraded = true; return 2; }
    return kind === 'HEAD' ? 1 : 0;
  };
  parser[HTTPParser.kOnBody] = (chunk) => { if (!done) body.push(Buffer.from(chunk)); };
  parser[HTTPParser.kOnMessageComplete] = () => {
    if (current >= 200 || current === 101) done = true;
  };
  let error = null, lower = 0;
  for (const upper of [...cuts, bytes.length]) {
    if (done || error) break;
    const piece = bytes.subarray(lower, upper);
    lower = upper;
    if (piece.length === 0) continue;
    const result = parser.execute(Buffer.from(piece));
    if (result instanceof Error && !done) error = result.code || 'error';
  }
  if (!done && !error && ending === 'clean') {
    const result = parser.finish();
    if (result instanceof Error) error = result.code || 'error';
    else if (!done) error = status ? 'truncated' : 'noResponse';
  }
  const outcome = error ? 'error' : done ? 'complete' : 'incomplete';
  const label = error || (done ? (upgraded ? 'upgraded' : keeps ? 'reusable' : 'closes') : '-');
  return [outcome, status, informational, label, Buffer.concat(body).toString('hex')].join(' ');
}

const lines = readline.createInterface({ input: process.stdin, crlfDelay: Infinity });
lines.on('line', (line) => {
  const [kind, ending, cuts, hex] = line.split(' ');
  const places = cuts === '-' ? [] : cuts.split(',').map(Number);
  console.log(verdict(kind, ending, places, Buffer.from(hex, 'hex')));
});
