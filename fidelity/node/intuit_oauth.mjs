// intuit-oauth for Node: consent, tokens, OpenID, API calls, revocation.
import { createRequire } from 'node:module'
import { assert, check, consent, control, run, url } from './harness.mjs'

const require = createRequire(import.meta.url)
const OAuthClient = require('intuit-oauth')
const { scopes } = OAuthClient
const config = { clientId: 'simulator', clientSecret: 'simulator-secret', environment: 'sandbox', redirectUri: 'https://app.example.com/callback' }

// The documented setting for authorize, token, revoke and user addresses; the others are fields of the class.
function client(more = {}) {
  const made = new OAuthClient({ ...config, ...more })
  made.setAuthorizeURLs({
    authorizeEndpoint: `${url}/connect/oauth2`,
    tokenEndpoint: `${url}/oauth2/v1/tokens/bearer`,
    revokeEndpoint: `${url}/v2/oauth2/tokens/revoke`,
    userInfoEndpoint: `${url}/v1/openid_connect/userinfo`
  })
  OAuthClient.jwks_uri = `${url}/op/v1/jwks`
  OAuthClient.environment.sandbox = `${url}/`
  return made
}

async function signedIn(scope = [scopes.Accounting], more = {}) {
  const made = client(more)
  await made.createToken(await consent(made.authorizeUri({ scope, state: 'mine' })))
  return made
}

async function refused(promise, code) {
  const error = await promise.then(() => assert.fail('was accepted'), error => error)
  assert.match(JSON.stringify([error.message, error.error, error.code, error.authResponse?.body, error.originalMessage]), code)
}

const everything = [scopes.Accounting, scopes.OpenId, scopes.Profile, scopes.Email, scopes.Phone, scopes.Address]
const info = made => made.makeApiCall({ url: `v3/company/${made.getToken().realmId}/companyinfo/${made.getToken().realmId}` })

check('authorize address', async () => {
  const address = new URL(client().authorizeUri({ scope: [scopes.Accounting, scopes.OpenId], state: 'mine' }))
  assert.equal(address.searchParams.get('scope'), 'com.intuit.quickbooks.accounting openid')
  assert.equal(address.searchParams.get('response_type'), 'code')
})

check('code and tokens', async () => {
  const made = await signedIn()
  const token = made.getToken()
  assert.equal(token.token_type, 'bearer')
  assert.equal(token.expires_in, 3600)
  assert.equal(token.x_refresh_token_expires_in, 8640000)
  assert.equal(token.state, 'mine')
  assert.match(token.realmId, /^\d+$/)
  assert.ok(made.isAccessTokenValid() && token.isRefreshTokenValid())
})

check('answer of the token request', async () => {
  const made = client()
  const answer = await made.createToken(await consent(made.authorizeUri({ scope: [scopes.Accounting], state: 's' })))
  assert.equal(answer.status(), 200)
  assert.ok(answer.isJson() && answer.valid() && answer.getIntuitTid?.() !== '')
  assert.ok(answer.getJson().access_token.startsWith('eyJ'))
})

check('a code works once', async () => {
  const made = client()
  const address = await consent(made.authorizeUri({ scope: [scopes.Accounting], state: 's' }))
  await made.createToken(address)
  await refused(made.createToken(address), /invalid_grant|400/)
})

check('refused by the user', async () => {
  const made = client()
  const address = new URL(await consent(made.authorizeUri({ scope: [scopes.Accounting], state: 's' }), 'cancel'))
  assert.equal(address.searchParams.get('error'), 'access_denied')
})

check('refresh', async () => {
  const made = await signedIn()
  const before = { ...made.getToken() }
  await made.refresh()
  assert.notEqual(made.getToken().access_token, before.access_token)
  await made.refreshUsingToken(before.refresh_token)
  assert.equal((await info(made)).json.CompanyInfo.Id, '1')
})

check('refresh with nonsense, wrong secret', async () => {
  await refused(client().refreshUsingToken('nonsense'), /invalid_grant|400/)
  const made = await signedIn()
  const wrong = client({ clientSecret: 'wrong' })
  await refused(wrong.refreshUsingToken(made.getToken().refresh_token), /invalid_client|401/)
})

check('calls of the API', async () => {
  const made = await signedIn()
  const answer = await info(made)
  assert.equal(answer.status, 200)
  assert.ok(answer.json.CompanyInfo.CompanyName && answer.headers.intuit_tid)
  const realm = made.getToken().realmId
  const body = { DisplayName: `By OAuth client ${Date.now()}` }
  const created = await made.makeApiCall({ url: `${url}/v3/company/${realm}/customer?minorversion=75`, method: 'POST', body })
  assert.equal(created.json.Customer.DisplayName, body.DisplayName)
  const query = await made.makeApiCall({ url: `v3/company/${realm}/query`, params: { query: `select * from Customer where Id = '${created.json.Customer.Id}'` } })
  assert.equal(query.json.QueryResponse.Customer.length, 1)
  const pdf = await made.makeApiCall({ url: `v3/company/${realm}/query`, params: { query: 'select * from Invoice maxresults 1' } })
    .then(found => made.makeApiCall({ url: `v3/company/${realm}/invoice/${found.json.QueryResponse.Invoice[0].Id}/pdf`, responseType: 'arraybuffer', headers: { Accept: 'application/pdf' } }))
  assert.equal(Buffer.from(pdf.data).subarray(0, 5).toString(), '%PDF-')
})

check('faults of the API', async () => {
  const made = await signedIn()
  const call = made.makeApiCall({ url: `v3/company/${made.getToken().realmId}/customer`, method: 'POST', body: { Nonsense: 1 } })
  const error = await call.then(() => assert.fail('accepted'), error => error)
  assert.equal(error.code, '2010')
  assert.equal(error.fault.type, 'ValidationFault')
  assert.ok(error.intuitTid)
})

check('OpenID', async () => {
  const made = await signedIn(everything)
  assert.ok(made.getToken().id_token)
  assert.ok(await made.validateIdToken())
  const user = (await made.getUserInfo()).json
  assert.ok(user.sub && user.email.includes('@') && user.emailVerified === true && user.givenName)
})

check('an id token of somebody else', async () => {
  const made = await signedIn(everything)
  const parts = made.token.id_token.split('.')
  const claims = JSON.parse(Buffer.from(parts[1], 'base64url'))
  parts[1] = Buffer.from(JSON.stringify({ ...claims, sub: 'another' })).toString('base64url')
  made.token.id_token = parts.join('.')
  const valid = await made.validateIdToken().catch(() => false)
  assert.ok(!valid)
})

check('expiry', async () => {
  const made = await signedIn()
  await control('oauth', { expire_access: true })
  await refused(info(made), /401/)
  await made.refresh()
  assert.equal((await info(made)).status, 200)
})

for (const which of ['access_token', 'refresh_token']) {
  check(`revoke by ${which}`, async () => {
    const made = await signedIn()
    const kept = { ...made.getToken() }
    const answer = await made.revoke({ [which]: kept[which] })
    assert.equal(answer.status(), 200)
    await refused(client().refreshUsingToken(kept.refresh_token), /invalid_grant|400/)
  })
}

check('absolute life of the refresh token', async () => {
  const made = await signedIn([scopes.Accounting], { includeRefreshTokenHardExpiresIn: true })
  const answer = await made.refresh()
  assert.ok(answer.getJson().x_refresh_token_hard_expires_in > 157000000)
})

await run()
