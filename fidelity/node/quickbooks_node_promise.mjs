// quickbooks-node-promise: tokens by its own store, queries in its own words, documents, files, batch, reports, notifications.
import { createHmac } from 'node:crypto'
import { createRequire } from 'node:module'
import { assert, check, consent, control, named, run } from './harness.mjs'

const require = createRequire(import.meta.url)
const Quickbooks = require('quickbooks-node-promise').default || require('quickbooks-node-promise')
const realms = {}
const config = {
  appKey: 'simulator', appSecret: 'simulator-secret', redirectUrl: 'https://app.example.com/callback', minorversion: 75,
  scope: [Quickbooks.scopes.Accounting, Quickbooks.scopes.OpenId, Quickbooks.scopes.Email, Quickbooks.scopes.Profile], webhookVerifierToken: 'verifier',
  getToken: realm => Promise.resolve(realms[realm]),
  saveToken: (realm, token) => { realms[realm] = token; return Promise.resolve(token) }
}
const intuit = address => address.replace(/^https:\/\/appcenter\.intuit\.com/, process.env.QBO_SIM_URL)

async function signedIn() {
  const back = new URL(await consent(intuit(Quickbooks.authorizeUrl(config, 'mine')))).searchParams
  assert.equal(back.get('state'), 'mine')
  const made = new Quickbooks(config, back.get('realmId'))
  await made.createToken(back.get('code'))
  return made
}

const qbo = await signedIn()
const realm = qbo.realmID
const body = (answer, entity) => answer[entity]
const rows = (answer, entity) => answer.QueryResponse[entity] || []
const service = async () => ({ value: rows(await qbo.findItems({ Type: 'Service', limit: 1 }), 'Item')[0].Id })
const customer = async (word = named('Promise')) => body(await qbo.createCustomer({ DisplayName: word }), 'Customer')
const invoice = async (amount = 100) => body(await qbo.createInvoice({
  CustomerRef: { value: (await customer()).Id },
  Line: [{ Amount: amount, DetailType: 'SalesItemLineDetail', SalesItemLineDetail: { ItemRef: await service() } }]
}), 'Invoice')

check('tokens', async () => {
  const before = { ...realms[realm] }
  assert.ok(before.access_token && before.refresh_token && before.id_token)
  await qbo.refreshAccessToken()
  assert.notEqual(realms[realm].access_token, before.access_token)
})

// Its validateIdToken() is not tried: it reads the signature with atob(), which refuses half of all real ones.
check('user', async () => {
  const mine = await signedIn()
  assert.ok((await mine.getUserInfo()).email)
})

check('an access token that ran out is refreshed', async () => {
  const mine = await signedIn()
  realms[realm] = { ...realms[realm], access_expire_timestamp: new Date(0) }
  const before = realms[realm].access_token
  assert.ok((await mine.getCompanyInfo(realm)).CompanyInfo.CompanyName)
  assert.notEqual(realms[realm].access_token, before)
})

check('life of a customer', async () => {
  const made = await customer()
  assert.equal((await qbo.getCustomer(made.Id)).Customer.DisplayName, made.DisplayName)
  const changed = (await qbo.updateCustomer({ Id: made.Id, SyncToken: made.SyncToken, sparse: true, Notes: 'changed' })).Customer
  assert.deepEqual([changed.Notes, changed.SyncToken], ['changed', '1'])
  const gone = (await qbo.updateCustomer({ Id: made.Id, SyncToken: '1', sparse: true, Active: false })).Customer
  assert.equal(gone.DisplayName, `${made.DisplayName} (deleted)`)
})

check('queries', async () => {
  const made = await customer(named("O'Dell"))
  assert.equal(rows(await qbo.findCustomers({ Id: made.Id }), 'Customer').length, 1)
  assert.equal(rows(await qbo.findCustomers({ field: 'DisplayName', value: made.DisplayName }), 'Customer')[0].Id, made.Id)
  assert.ok(rows(await qbo.findCustomers({ items: [{ field: 'DisplayName', operator: 'LIKE', value: 'O%' }], limit: 10, sort: ['DisplayName', 'DESC'] }), 'Customer').length)
  assert.equal(rows(await qbo.findCustomers(`SELECT * FROM Customer WHERE Id = '${made.Id}'`), 'Customer').length, 1)
  const total = (await qbo.countCustomers({})).QueryResponse.totalCount
  assert.equal(rows(await qbo.findCustomers({ fetchAll: true, limit: 9 }), 'Customer').length, total)
  assert.equal(rows(await qbo.findCustomers({ limit: 3, offset: 2, asc: 'DisplayName' }), 'Customer').length, 3)
})

check('documents', async () => {
  const made = await invoice()
  const paid = (await qbo.createPayment({ CustomerRef: made.CustomerRef, TotalAmt: 60, Line: [{ Amount: 60, LinkedTxn: [{ TxnId: made.Id, TxnType: 'Invoice' }] }] })).Payment
  assert.equal((await qbo.getInvoice(made.Id)).Invoice.Balance, 40)
  assert.equal((await qbo.deletePayment(paid)).Payment.status, 'Deleted')
  assert.equal((await qbo.voidInvoice((await qbo.getInvoice(made.Id)).Invoice)).Invoice.TotalAmt, 0)
  const other = await invoice()
  assert.equal((await qbo.deleteInvoice(other)).Invoice.status, 'Deleted')
  await assert.rejects(qbo.getInvoice(other.Id), error => error.errorResponse.Fault.Error[0].code === '610')
})

check('PDF and sending', async () => {
  const made = await invoice()
  const pdf = await qbo.getInvoicePdf(made.Id)
  assert.equal(Buffer.from(pdf).subarray(0, 5).toString(), '%PDF-')
  assert.equal((await qbo.sendInvoicePdf(made.Id, 'ada@example.com')).EmailStatus, 'EmailSent')
})

check('files', async () => {
  const made = await invoice()
  const content = Buffer.from('a,b\n1,2\n')
  const file = (await qbo.upload('table.csv', 'text/csv', content, 'Invoice', made.Id)).AttachableResponse[0].Attachable
  assert.equal(file.AttachableRef[0].EntityRef.value, made.Id)
  const found = rows(await qbo.findAttachables({ items: [{ field: 'AttachableRef.EntityRef.Type', value: 'Invoice' }, { field: 'AttachableRef.EntityRef.value', value: made.Id }] }), 'Attachable')
  assert.deepEqual(found.map(one => one.Id), [file.Id])
  assert.equal((await qbo.deleteAttachable(file)).Attachable.status, 'Deleted')
})

check('batch and change data capture', async () => {
  const since = new Date(Date.now() - 600000)
  const answer = await qbo.batch([{ bId: 'a', operation: 'create', Vendor: { DisplayName: named('Batch vendor') } }, { bId: 'b', Query: 'select count(*) from Vendor' }])
  const [made, counted] = answer.BatchItemResponse
  assert.ok(made.Vendor.Id && counted.QueryResponse.totalCount > 1)
  const changes = (await qbo.changeDataCapture(['Vendor', 'Bill'], since)).CDCResponse[0].QueryResponse
  assert.ok(changes.find(group => group.Vendor).Vendor.some(one => one.Id === made.Vendor.Id))
})

for (const name of ['BalanceSheet', 'ProfitAndLoss', 'ProfitAndLossDetail', 'TrialBalance', 'CashFlow', 'InventoryValuationSummary', 'CustomerSales', 'ItemSales',
  'CustomerIncome', 'CustomerBalance', 'CustomerBalanceDetail', 'AgedReceivables', 'AgedReceivableDetail', 'VendorBalance', 'VendorBalanceDetail', 'AgedPayables',
  'AgedPayableDetail', 'VendorExpenses', 'TransactionList', 'GeneralLedgerDetail', 'TaxSummary', 'DepartmentSales', 'ClassSales', 'AccountListDetail']) {
  check(`report ${name}`, async () => {
    const found = await qbo[`report${name}`]({})
    assert.ok(found.Header.ReportName && found.Columns && found.Rows)
  })
}

check('signature of notifications', () => {
  const payload = { eventNotifications: [] }
  const signature = createHmac('sha256', 'verifier').update(JSON.stringify(payload)).digest('base64')
  assert.ok(qbo.verifyWebhook(payload, signature))
  assert.ok(!qbo.verifyWebhook({ eventNotifications: [1] }, signature))
})

check('faults', async () => {
  await assert.rejects(qbo.createCustomer({ DisplayName: named('x'), Nonsense: 1 }), error => error.errorResponse.Fault.Error[0].code === '2010')
  await control('faults', { kind: '503', count: 1 })
  await assert.rejects(qbo.getCompanyInfo(realm))
  await control('faults', { clear: true })
})

check('revoke', async () => {
  const mine = await signedIn()
  const dead = realms[realm].refresh_token
  await mine.revokeAccess(true)
  await assert.rejects(new Quickbooks(config, realm).refreshAcessTokenWithToken(dead))
})

await run()
