// What the scripts share: a list of named checks, run in order, and the simulator's control routes.
import assert from 'node:assert/strict'

export const url = process.env.QBO_SIM_URL
export { assert }

const checks = []
let passed = 0
let failed = 0

export function check(name, body) {
  checks.push([name, body])
}

// Runs all checks, prints the failures and the totals that dev/fidelity reads.
export async function run() {
  for (const [name, body] of checks) {
    let timer
    const limit = new Promise((resolve, reject) => { timer = setTimeout(() => reject(new Error('no answer within 60 s')), 60000) })
    try {
      await Promise.race([body(), limit])
      passed += 1
    } catch (error) {
      failed += 1
      const text = error?.Fault ? JSON.stringify(error.Fault) : error?.response?.data ? JSON.stringify(error.response.data) : error?.stack || String(error)
      console.log(`FAILED ${name}: ${text.slice(0, 600)}`)
    } finally {
      clearTimeout(timer)
    }
  }
  console.log(`${passed} passed, ${failed} failed`)
  process.exit(failed ? 1 : 0)
}

export async function control(route, body) {
  const options = body ? { method: 'POST', body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } } : {}
  const answer = await fetch(`${url}/_control/${route}`, options)
  if (!answer.ok) throw new Error(await answer.text())
  return answer.json()
}

export const grant = () => control('oauth', { grant: true })

// Opens a consent page, presses a button; the address that the browser is sent to.
export async function consent(address, action = 'connect') {
  const page = await (await fetch(address)).text()
  const form = new URLSearchParams()
  for (const [, name, value] of page.matchAll(/<input[^>]*type="?hidden"?[^>]*name="?([^" >]+)"?[^>]*value="([^"]*)"/g)) {
    form.set(name, value.replaceAll('&amp;', '&'))
  }
  form.set('realmId', page.match(/<option[^>]*value="?(\d+)/)[1])
  form.set('action', action)
  const answer = await fetch(`${url}/connect/oauth2`, { method: 'POST', body: form, redirect: 'manual' })
  assert.ok([302, 303].includes(answer.status), `${answer.status}`)
  return answer.headers.get('location')
}

let number = 0
export const named = word => `${word} ${Date.now() % 100000}-${++number}`
