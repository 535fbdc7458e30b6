// Sends what a client asks of the hosts of Intuit to the simulator; with `node --require`. Nothing else is changed.
const http = require('http')
const https = require('https')

const target = new URL(process.env.QBO_SIM_URL)
const theirs = /(^|\.)intuit\.com$/

function moved(first, second, third) {
  const given = typeof first === 'string' || first instanceof URL ? new URL(first) : null
  const options = { ...(given ? (typeof second === 'object' ? second : {}) : first) }
  const host = given ? given.hostname : (options.hostname || options.host || '').split(':')[0]
  if (!theirs.test(host)) return null
  const path = options.path || (given ? given.pathname + given.search : '/')
  delete options.agent
  delete options.agents
  const headers = { ...(options.headers || {}) }
  for (const name of Object.keys(headers)) if (name.toLowerCase() === 'host') delete headers[name]
  const callback = [second, third].find(one => typeof one === 'function')
  return [{ ...options, headers, protocol: 'http:', host: target.hostname, hostname: target.hostname, port: target.port, path, servername: undefined }, callback]
}

for (const module of [http, https]) {
  const request = module.request
  const plain = http.request
  module.request = function (...args) {
    const instead = moved(...args)
    return instead ? plainRequest(...instead) : request.apply(this, args)
  }
  module.get = function (...args) {
    const made = module.request(...args)
    made.end()
    return made
  }
  if (module === http) module.plain = plain
}
const plainRequest = http.plain

if (globalThis.fetch) {
  const fetch = globalThis.fetch
  globalThis.fetch = (input, init) => {
    const url = new URL(typeof input === 'string' || input instanceof URL ? input : input.url)
    if (!theirs.test(url.hostname)) return fetch(input, init)
    const there = new URL(url.pathname + url.search, target)
    return typeof input === 'string' || input instanceof URL ? fetch(there, init) : fetch(new Request(there, input), init)
  }
}
