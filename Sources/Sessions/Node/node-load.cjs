'use strict'
// The load of `pooltop compare --client node`: the requests of a plan, sent by Node's own http.Agent and https.Agent.
//
// Messages are JSON, one a line. Standard input has `begin` (the plan), `set` (settings to change), `report` (a number)
// and `stop`; standard output has one line for each `report`. The end of standard input ends the process, so that it
// never outlives the program that started it.

const http = require('node:http')
const https = require('node:https')
const dns = require('node:dns')
const fs = require('node:fs')
const net = require('node:net')
const readline = require('node:readline')
const tls = require('node:tls')

const seconds = () => Number(process.hrtime.bigint()) / 1e9
const startedAt = seconds()
let plan
let hosts = []
let settings
const agents = {}
const counts = { planned: 0, dns: { lookups: 0, hits: 0, misses: 0, failures: 0, queries: 0 } }

const newCounts = () => ({
  started: 0, succeeded: 0, failed: 0, inFlight: 0, queued: 0, onNew: 0, onReused: 0, dials: 0, dialFailed: 0,
  connecting: 0, opened: 0, closed: 0, handshakes: 0, resumed: 0, sent: 0, received: 0, statuses: {}, errors: {},
  addresses: {}, latencies: []
})

// Names: Node has no cache of its own. With `dnsCache` answers are kept for their TTL, as a service does that puts a
// caching lookup in front of its agent.
let resolver
const cache = new Map()

function lookup (name, options, callback) {
  if (!plan.dnsServer) {
    counts.dns.lookups++
    counts.dns.misses++
    return dns.lookup(name, options, (error, ...answer) => {
      if (error) counts.dns.failures++
      callback(error, ...answer)
    })
  }
  counts.dns.lookups++
  const answer = (addresses) => {
    const all = addresses.map((address) => ({ address, family: 4 }))
    if (options.all) callback(null, all)
    else callback(null, all[0].address, 4)
  }
  const kept = settings.dnsCache && cache.get(name)
  if (kept && kept.until > seconds()) {
    counts.dns.hits++
    // Callers rely on an answer that never comes before the call has returned.
    return process.nextTick(answer, kept.addresses)
  }
  counts.dns.misses++
  counts.dns.queries++
  resolver.resolve4(name, { ttl: true }, (error, records) => {
    if (error) {
      counts.dns.failures++
      return callback(error)
    }
    const addresses = records.map((record) => record.address)
    if (settings.dnsCache) {
      cache.set(name, { addresses, until: seconds() + Math.min(...records.map((record) => record.ttl)) })
    }
    answer(addresses)
  })
}

// Connections: each is counted where the agent makes it.
const hostOf = Symbol('host')
const isUsed = Symbol('used')

function watch (agent) {
  const create = agent.createConnection
  agent.createConnection = function (options, callback) {
    const socket = create.call(this, options, callback)
    follow(socket, options)
    return socket
  }
}

function follow (socket, options) {
  const host = hosts[options[hostOf]]
  const { counts } = host
  let isOpen = false
  let address
  counts.dials++
  counts.connecting++
  const ready = () => {
    isOpen = true
    counts.connecting--
    counts.opened++
    if (host.isTLS) {
      counts.handshakes++
      if (socket.isSessionReused()) counts.resumed++
    }
    const name = `${socket.remoteAddress}:${socket.remotePort}`
    address = counts.addresses[name] ??= { opened: 0, open: 0, exchanges: 0 }
    address.opened++
    address.open++
    socket[isUsed] = false
    host.sockets.set(socket, address)
  }
  socket.once(host.isTLS ? 'secureConnect' : 'connect', ready)
  socket.once('close', () => {
    if (!isOpen) {
      counts.connecting--
      counts.dialFailed++
      return
    }
    counts.closed++
    address.open--
    counts.sent += socket.bytesWritten
    counts.received += socket.bytesRead
    host.sockets.delete(socket)
  })
}

// Requests.
function labelOf (error) {
  switch (error.code) {
    case 'ECONNREFUSED': return 'connectRefused'
    case 'ENOTFOUND': return 'dnsNotFound'
    case 'ETIMEOUT': case 'EAI_AGAIN': return 'dnsTimeout'
    case 'ESERVFAIL': case 'ENODATA': case 'EREFUSED': return 'dnsFailure'
    case 'ETIMEDOUT': return 'connectTimeout'
    case 'EHOSTUNREACH': case 'ENETUNREACH': return 'connectUnreachable'
    case 'EADDRNOTAVAIL': return 'addressNotAvailable'
    case 'EMFILE': case 'ENFILE': return 'tooManyOpenFiles'
    case 'ERR_POOLTOP_TIMEOUT': return 'requestTimeout'
    case 'EPIPE': return 'peerReset'
    case 'ECONNRESET': return error.message === 'socket hang up' || error.message === 'aborted' ? 'peerClosed' : 'peerReset'
  }
  if (error.code?.startsWith('HPE_')) return 'framingError'
  if (error.code?.startsWith('ERR_TLS') || error.code?.includes('CERT') || error.code?.includes('SIGNED')) {
    return 'tlsCertificateInvalid'
  }
  if (error.code?.startsWith('ERR_SSL') || error.code === 'EPROTO') return 'tlsHandshakeFailed'
  return 'peerClosed'
}

const inFlight = new Set()

function send (target, plannedAt) {
  const host = hosts[target.host]
  const { counts } = host
  const request = host.module.request(target.options)
  const exchange = { request, target, startedAt: seconds(), socket: null }
  let isOver = false
  const end = (label) => {
    if (isOver) return
    isOver = true
    inFlight.delete(exchange)
    if (exchange.socket) counts.inFlight--
    else counts.queued--
    if (label) {
      counts.failed++
      target.failed++
      counts.errors[label] = (counts.errors[label] ?? 0) + 1
    } else {
      counts.succeeded++
      target.succeeded++
      counts.latencies.push(Math.round((seconds() - plannedAt) * 1e6))
    }
    if (plan.concurrency && !isStopped) sendNext()
  }
  counts.started++
  counts.queued++
  inFlight.add(exchange)
  request.once('socket', (socket) => {
    if (isOver) return
    exchange.socket = socket
    counts.queued--
    counts.inFlight++
    const begin = () => {
      if (socket[isUsed]) counts.onReused++
      else counts.onNew++
      socket[isUsed] = true
      const address = host.sockets.get(socket)
      if (address) address.exchanges++
    }
    if (socket[isUsed] === undefined) socket.once(host.isTLS ? 'secureConnect' : 'connect', begin)
    else begin()
  })
  request.once('response', (response) => {
    response.once('end', () => {
      counts.statuses[response.statusCode] = (counts.statuses[response.statusCode] ?? 0) + 1
      end(response.complete ? undefined : 'incompleteBody')
    })
    response.once('error', (error) => end(error.code === 'ECONNRESET' ? 'incompleteBody' : labelOf(error)))
    response.resume()
  })
  request.once('error', (error) => end(labelOf(error)))
  request.end(target.body)
}

// The plan. Numbers are drawn by a seed, so that a run can be repeated.
let state = 1
function random () {
  state = (state + 0x6d2b79f5) | 0
  let t = Math.imul(state ^ (state >>> 15), 1 | state)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296
}

function nextTarget () {
  let at = random() * plan.weights
  for (const target of plan.targets) if ((at -= target.weight) < 0) return target
  return plan.targets[plan.targets.length - 1]
}

let isStopped = false
let nextAt = 0

function sendNext (plannedAt = seconds()) {
  const target = nextTarget()
  counts.planned++
  target.planned++
  send(target, plannedAt)
}

const gap = () => (plan.arrivals === 'poisson' ? -Math.log(1 - random()) : 1) / settings.rate

function sendDue () {
  if (isStopped) return
  const now = seconds()
  // After a stall the requests that were due meanwhile are still sent, each late by its own time, as a service's callers
  // would have it.
  while (nextAt <= now) {
    sendNext(nextAt)
    nextAt += gap()
  }
  setTimeout(sendDue, Math.max(1, Math.floor((nextAt - now) * 1000)))
}

function giveUpLate () {
  const now = seconds()
  for (const { request, target, startedAt } of inFlight) {
    if (now - startedAt < target.timeout) continue
    const error = new Error('no complete response in time')
    error.code = 'ERR_POOLTOP_TIMEOUT'
    request.destroy(error)
  }
}

const change = {
  keepAlive (agent, value) {
    agent.keepAlive = value
    // Connections that wait for a next request would be used by it in spite of the setting.
    if (!value) for (const list of Object.values(agent.freeSockets)) for (const socket of [...list]) socket.destroy()
  },
  maxSockets (agent, value) { agent.maxSockets = value ?? Infinity },
  maxFreeSockets (agent, value) { agent.maxFreeSockets = value ?? 256 },
  maxTotalSockets (agent, value) { agent.maxTotalSockets = value ?? Infinity },
  scheduling (agent, value) { agent.scheduling = value },
  dnsCache (agent, value) { if (!value) cache.clear() },
  rate () { nextAt = Math.min(nextAt, seconds() + 1 / settings.rate) }
}

function set (values) {
  Object.assign(settings, values)
  for (const agent of Object.values(agents)) {
    for (const name of Object.keys(values)) change[name]?.(agent, values[name])
  }
}

function begin (given) {
  plan = given
  settings = plan.settings
  state = plan.seed | 0
  if (plan.dnsServer) {
    resolver = new dns.Resolver({ timeout: 2000, tries: 2 })
    resolver.setServers([plan.dnsServer])
  }
  hosts = plan.hosts.map((host) => ({
    ...host, module: host.isTLS ? https : http, counts: newCounts(), sockets: new Map()
  }))
  const options = {
    keepAlive: settings.keepAlive,
    maxSockets: settings.maxSockets ?? Infinity,
    maxTotalSockets: settings.maxTotalSockets ?? Infinity,
    maxFreeSockets: settings.maxFreeSockets ?? 256,
    scheduling: settings.scheduling ?? 'lifo'
  }
  agents.http = new http.Agent(options)
  agents.https = new https.Agent({
    ...options,
    rejectUnauthorized: !plan.insecure,
    // One for all connections: with a list of authorities Node reads all of them again for each connection, which takes
    // some 10 ms and is no cost of connections as such.
    secureContext: tls.createSecureContext({
      // Given authorities replace Node's own list, so that is said too.
      ...(plan.authorities.length && { ca: [...tls.rootCertificates, ...plan.authorities] }),
      ...(plan.certificate && { cert: fs.readFileSync(plan.certificate), key: fs.readFileSync(plan.key) })
    })
  })
  watch(agents.http)
  watch(agents.https)
  plan.weights = plan.targets.reduce((sum, target) => sum + target.weight, 0)
  for (const target of plan.targets) {
    const host = hosts[target.host]
    Object.assign(target, { planned: 0, succeeded: 0, failed: 0 })
    // Several fields of one name are an array, and one is a text: Node takes no array for Host.
    for (const [name, values] of Object.entries(target.headers)) if (values.length === 1) target.headers[name] = values[0]
    if (target.body !== undefined) target.body = Buffer.from(target.body, 'base64')
    target.options = {
      host: host.name, port: host.port, path: target.path, method: target.method, headers: target.headers,
      agent: agents[host.isTLS ? 'https' : 'http'], [hostOf]: target.host,
      ...(host.unixSocket ? { socketPath: host.unixSocket } : { lookup: host.address ? fixed(host.address) : lookup }),
      ...(host.isTLS && !net.isIP(host.name) && { servername: host.name })
    }
  }
  setInterval(giveUpLate, 250)
  if (plan.concurrency) {
    for (let index = 0; index < plan.concurrency; index++) sendNext()
  } else {
    nextAt = seconds() + gap()
    sendDue()
  }
}

const fixed = (address) => (name, options, callback) => {
  const family = net.isIP(address)
  if (options.all) process.nextTick(callback, null, [{ address, family }])
  else process.nextTick(callback, null, address, family)
}

function report (number) {
  const cpu = process.cpuUsage()
  const usage = process.resourceUsage()
  const line = {
    report: number,
    uptime: seconds() - startedAt,
    cpu: (cpu.user + cpu.system) / 1e6,
    maxResidentBytes: usage.maxRSS * 1024,
    planned: counts.planned,
    dns: { ...counts.dns, entries: cache.size },
    hosts: hosts.map((host) => {
      const open = host.counts.opened - host.counts.closed
      const now = { ...host.counts, open, active: Math.min(open, host.counts.inFlight) }
      for (const socket of host.sockets.keys()) {
        now.sent += socket.bytesWritten
        now.received += socket.bytesRead
      }
      return now
    }),
    targets: plan.targets.map(({ planned, succeeded, failed }) => ({ planned, succeeded, failed }))
  }
  process.stdout.write(JSON.stringify(line) + '\n')
  for (const host of hosts) host.counts.latencies = []
}

const input = readline.createInterface({ input: process.stdin })
input.on('line', (line) => {
  const message = JSON.parse(line)
  if (message.begin) begin(message.begin)
  if (message.set) set(message.set)
  if (message.report !== undefined) report(message.report)
  if (message.stop) isStopped = true
})
input.on('close', () => process.exit(0))
// The reader has gone.
process.stdout.on('error', () => process.exit(0))
// ^C reaches every process of the terminal's foreground; the program that started this one decides when it ends.
process.on('SIGINT', () => {})
process.stdout.write(JSON.stringify({ version: process.version }) + '\n')
