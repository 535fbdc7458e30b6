// node-quickbooks: create, read, update, query, count and end of every entity it offers, and its other calls.
import { createRequire } from 'node:module'
import { promisify } from 'node:util'
import { Readable } from 'node:stream'
import { assert, check, control, grant, named, run, url } from './harness.mjs'

const require = createRequire(import.meta.url)
const QuickBooks = require('node-quickbooks')
const tokens = await grant()
QuickBooks.setOauthVersion('2.0', true)

function client(more = {}) {
  const given = { ...tokens, ...more }
  return new QuickBooks('simulator', 'simulator-secret', given.access_token, false, tokens.realmId, true, false, 75, '2.0', given.refresh_token)
}

const qbo = client()
const call = (name, ...args) => new Promise((resolve, reject) => qbo[name](...args, (error, data) => error ? reject(error) : resolve(data)))
const fault = (name, ...args) => call(name, ...args).then(() => assert.fail('was accepted'), error => (error.response?.data || error).Fault.Error[0])
const one = async (name, criteria) => {
  const found = (await call(name, [...criteria, { field: 'limit', value: 1 }])).QueryResponse
  return Object.values(found).find(Array.isArray)[0]
}
const account = type => one('findAccounts', [{ field: 'AccountType', value: type }]).then(found => ({ value: found.Id }))
const service = () => one('findItems', [{ field: 'Type', value: 'Service' }]).then(found => ({ value: found.Id }))
const customer = async () => ({ value: (await call('createCustomer', { DisplayName: named('Node customer') })).Id })
const vendor = async () => ({ value: (await call('createVendor', { DisplayName: named('Node vendor') })).Id })
const sale = async (amount = 100) => [{ Amount: amount, DetailType: 'SalesItemLineDetail', SalesItemLineDetail: { ItemRef: await service(), Qty: 2, UnitPrice: amount / 2 } }]
const expense = async (amount = 40) => [{ Amount: amount, DetailType: 'AccountBasedExpenseLineDetail', AccountBasedExpenseLineDetail: { AccountRef: await account('Expense') } }]
const sold = async () => ({ CustomerRef: await customer(), Line: await sale() })
const bought = async () => ({ VendorRef: await vendor(), Line: await expense() })
const link = (type, id, amount) => ({ Amount: amount, LinkedTxn: [{ TxnId: id, TxnType: type }] })

// Entity: how it is made, a change, what holds, whether it can be deleted.
const lives = {
  Account: { make: async () => ({ Name: named('Node bank'), AccountType: 'Bank' }), change: { Description: 'changed' }, holds: { Classification: 'Asset' } },
  Attachable: { make: async () => ({ Note: named('note') }), change: { Note: 'changed' }, holds: {}, ends: true },
  Bill: { make: bought, change: { PrivateNote: 'changed' }, holds: { TotalAmt: 40, Balance: 40 }, ends: true },
  BillPayment: {
    make: async () => {
      const bill = await call('createBill', await bought())
      return { VendorRef: bill.VendorRef, PayType: 'Check', CheckPayment: { BankAccountRef: await account('Bank') }, TotalAmt: 40, Line: [link('Bill', bill.Id, 40)] }
    }, change: { PrivateNote: 'changed' }, holds: { TotalAmt: 40 }, ends: true, full: true
  },
  Class: { make: async () => ({ Name: named('Node class') }), change: { Name: () => named('Node class') }, holds: { SubClass: false }, plural: 'Classes' },
  CreditMemo: { make: sold, change: { PrivateNote: 'changed' }, holds: { TotalAmt: 100, RemainingCredit: 100 }, ends: true },
  Customer: { make: async () => ({ DisplayName: named('Node customer') }), change: { Notes: 'changed' }, holds: { Balance: 0, Active: true } },
  Department: { make: async () => ({ Name: named('Node place') }), change: { Name: () => named('Node place') }, holds: { SubDepartment: false } },
  Deposit: {
    make: async () => ({ DepositToAccountRef: await account('Bank'), Line: [{ Amount: 20, DetailType: 'DepositLineDetail', DepositLineDetail: { AccountRef: await account('Income') } }] }),
    change: { PrivateNote: 'changed' }, holds: { TotalAmt: 20 }, ends: true
  },
  Employee: { make: async () => ({ GivenName: named('Ann'), FamilyName: 'Lee' }), change: { MiddleName: 'B' }, holds: { FamilyName: 'Lee' } },
  Estimate: { make: sold, change: { TxnStatus: 'Accepted' }, holds: { TotalAmt: 100, TxnStatus: 'Pending' }, ends: true },
  Invoice: { make: sold, change: { PrivateNote: 'changed' }, holds: { TotalAmt: 100, Balance: 100 }, ends: true },
  Item: { make: async () => ({ Name: named('Node item'), Type: 'Service', IncomeAccountRef: await account('Income') }), change: { Description: 'changed' }, holds: { Type: 'Service' } },
  JournalEntry: {
    make: async () => {
      const part = async (PostingType, type) => ({ Amount: 15, DetailType: 'JournalEntryLineDetail', JournalEntryLineDetail: { PostingType, AccountRef: await account(type) } })
      return { Line: [await part('Debit', 'Expense'), await part('Credit', 'Bank')] }
    }, change: { PrivateNote: 'changed' }, holds: { Adjustment: false }, ends: true, plural: 'JournalEntries'
  },
  Payment: { make: async () => ({ CustomerRef: await customer(), TotalAmt: 25 }), change: { PrivateNote: 'changed' }, holds: { UnappliedAmt: 25 }, ends: true, full: true },
  PaymentMethod: { make: async () => ({ Name: named('Node way') }), change: { Type: 'CREDIT_CARD' }, holds: { Active: true } },
  Purchase: { make: async () => ({ PaymentType: 'Cash', AccountRef: await account('Bank'), Line: await expense() }), change: { PrivateNote: 'changed' }, holds: { TotalAmt: 40 }, ends: true, full: true },
  PurchaseOrder: { make: async () => ({ ...await bought(), APAccountRef: await account('Accounts Payable') }), change: { PrivateNote: 'changed' }, holds: { TotalAmt: 40, POStatus: 'Open' }, ends: true, full: true },
  RefundReceipt: { make: async () => ({ ...await sold(), DepositToAccountRef: await account('Bank') }), change: { PrivateNote: 'changed' }, holds: { TotalAmt: 100 }, ends: true },
  SalesReceipt: { make: sold, change: { PrivateNote: 'changed' }, holds: { TotalAmt: 100, Balance: 0 }, ends: true },
  TaxAgency: { make: async () => ({ DisplayName: named('Node agency') }), holds: { TaxTrackedOnSales: true }, plural: 'TaxAgencies' },
  Term: { make: async () => ({ Name: named('Node term'), DueDays: 9 }), change: { DueDays: 10 }, holds: { Type: 'STANDARD' } },
  TimeActivity: {
    make: async () => ({ NameOf: 'Employee', EmployeeRef: { value: (await call('createEmployee', { GivenName: named('Tim'), FamilyName: 'Lee' })).Id }, Hours: 2, Minutes: 30, ItemRef: await service() }),
    change: { Description: 'changed' }, holds: { Hours: 2, Minutes: 30 }, ends: true, plural: 'TimeActivities', full: true
  },
  Transfer: {
    make: async () => {
      const banks = (await call('findAccounts', { AccountType: 'Bank', limit: 2 })).QueryResponse.Account
      return { FromAccountRef: { value: banks[0].Id }, ToAccountRef: { value: banks[1].Id }, Amount: 60 }
    }, change: { PrivateNote: 'changed' }, holds: { Amount: 60 }, ends: true, full: true
  },
  Vendor: { make: async () => ({ DisplayName: named('Node vendor') }), change: { AcctNum: 'V-1' }, holds: { Balance: 0 } },
  VendorCredit: { make: bought, change: { PrivateNote: 'changed' }, holds: { TotalAmt: 40 }, ends: true, full: true }
}
const held = (holds, found) => assert.deepEqual(Object.fromEntries(Object.keys(holds).map(key => [key, found[key]])), holds)

for (const [entity, life] of Object.entries(lives)) {
  const find = `find${life.plural || entity + 's'}`
  const made = async () => call(`create${entity}`, await life.make())

  check(`${entity}: create and read`, async () => {
    const created = await made()
    assert.equal(created.SyncToken, '0')
    held(life.holds, created)
    assert.deepEqual(await call(`get${entity}`, created.Id), created)
  })

  if (life.change) {
    check(`${entity}: update`, async () => {
      const created = await made()
      const [key, value] = Object.entries(life.change)[0]
      const wanted = typeof value === 'function' ? value() : value
      const base = life.full ? { ...created, sparse: false } : { Id: created.Id, SyncToken: created.SyncToken }
      const changed = await call(`update${entity}`, { ...base, [key]: wanted })
      assert.equal(changed[key], wanted)
      assert.equal(changed.SyncToken, '1')
      held(Object.fromEntries(Object.entries(life.holds).filter(([name]) => name !== key)), changed)
      assert.equal((await fault(`update${entity}`, { ...base, [key]: created[key] || 'stale' })).code, '5010')
    })
  }

  check(`${entity}: find and count`, async () => {
    const created = await made()
    const found = (await call(find, { Id: created.Id })).QueryResponse
    assert.deepEqual(found[entity], [created])
    assert.equal(found.maxResults, 1)
    assert.equal((await call(find, { Id: ['99999999'] })).QueryResponse[entity], undefined)
    const total = (await call(find, { count: true })).QueryResponse.totalCount
    const every = (await call(find, { fetchAll: true, limit: 7 })).QueryResponse
    assert.equal(every[entity].length, total)
    assert.equal(new Set(every[entity].map(row => row.Id)).size, total)
    assert.ok(every[entity].some(row => row.Id === created.Id))
  })

  if (life.ends) {
    check(`${entity}: delete`, async () => {
      for (const by of [row => row.Id, row => row]) {
        const created = await made()
        const answer = await call(`delete${entity}`, by(created))
        assert.equal(answer[entity].status, 'Deleted')
        assert.equal((await fault(`get${entity}`, created.Id)).code, '610')
      }
    })
  }
}

check('criteria: operators, order, limit, offset, IN, LIKE', async () => {
  const word = named("O'Neil & Söhne")
  const created = await call('createCustomer', { DisplayName: word })
  const by = async criteria => ((await call('findCustomers', criteria)).QueryResponse.Customer || []).map(row => row.Id)
  assert.deepEqual(await by([{ field: 'DisplayName', value: word }]), [created.Id])
  assert.deepEqual(await by([{ field: 'DisplayName', value: word.slice(0, -1) + '%', operator: 'LIKE' }]), [created.Id])
  assert.deepEqual(await by({ Id: [created.Id, '99999999'] }), [created.Id])
  const rows = (await call('findInvoices', [{ field: 'TotalAmt', value: '10', operator: '>' }, { field: 'desc', value: 'TotalAmt' }, { field: 'limit', value: 4 }, { field: 'offset', value: 2 }])).QueryResponse
  assert.equal(rows.Invoice.length, 4)
  assert.equal(rows.startPosition, 2)
  assert.deepEqual(rows.Invoice.map(row => row.TotalAmt), rows.Invoice.map(row => row.TotalAmt).sort((a, b) => b - a))
  assert.equal((await call('findCustomers', "where Active = true orderby DisplayName asc startposition 1 maxresults 2")).QueryResponse.Customer.length, 2)
  assert.ok((await by({ Active: false })).length >= 0)
})

check('read only lists', async () => {
  for (const name of ['findTaxCodes', 'findTaxRates', 'findCompanyInfos', 'findPreferenceses', 'findBudgets', 'findCustomerTypes', 'findCompanyCurrencies', 'findExchangeRates', 'findJournalCodes']) {
    const found = await call(name, {}).catch(error => { throw new Error(`${name}: ${JSON.stringify(error.response?.data || error)}`) })
    assert.equal(typeof found.QueryResponse, 'object', name)
  }
  const code = (await call('findTaxCodes', {})).QueryResponse.TaxCode[0]
  assert.equal((await call('getTaxCode', code.Id)).Name, code.Name)
  const rate = (await call('findTaxRates', {})).QueryResponse.TaxRate[0]
  assert.equal((await call('getTaxRate', rate.Id)).RateValue, rate.RateValue)
})

check('company and preferences', async () => {
  const company = await call('getCompanyInfo', tokens.realmId)
  assert.equal(company.Id, '1')
  assert.equal((await call('updateCompanyInfo', { ...company, LegalName: 'Node LLC' })).LegalName, 'Node LLC')
  const wishes = await call('getPreferences')
  const changed = await call('updatePreferences', { ...wishes, SalesFormsPrefs: { ...wishes.SalesFormsPrefs, AllowDeposit: !wishes.SalesFormsPrefs.AllowDeposit } })
  assert.equal(changed.SalesFormsPrefs.AllowDeposit, !wishes.SalesFormsPrefs.AllowDeposit)
})

check('tax service', async () => {
  const agency = await call('createTaxAgency', { DisplayName: named('Node tax agency') })
  const answer = await call('createTaxService', { TaxCode: named('Node code'), TaxRateDetails: [{ TaxRateName: named('r').slice(0, 10), RateValue: '5', TaxAgencyId: agency.Id, TaxApplicableOn: 'Sales' }] })
  assert.ok(answer.TaxCodeId && answer.TaxRateDetails[0].TaxRateId)
  assert.equal((await call('getTaxCode', answer.TaxCodeId)).Name, answer.TaxCode)
})

check('PDF and sending', async () => {
  for (const entity of ['Invoice', 'Estimate', 'SalesReceipt', 'CreditMemo']) {
    const created = await call(`create${entity}`, await sold())
    const pdf = await call(`get${entity}Pdf`, created.Id)
    assert.equal(pdf.subarray(0, 5).toString(), '%PDF-', entity)
    const sent = await call(`send${entity}Pdf`, created.Id, 'ada@example.com')
    assert.equal((sent[entity] || sent).EmailStatus, 'EmailSent', entity)
    assert.equal((sent[entity] || sent).BillEmail.Address, 'ada@example.com', entity)
  }
  const order = await call('createPurchaseOrder', await lives.PurchaseOrder.make())
  const sent = await call('sendPurchaseOrder', order.Id, 'shop@example.com')
  assert.equal((sent.PurchaseOrder || sent).EmailStatus, 'EmailSent')
})

check('void', async () => {
  const invoice = await call('createInvoice', await sold())
  const paid = await call('createPayment', { CustomerRef: invoice.CustomerRef, TotalAmt: 100, Line: [link('Invoice', invoice.Id, 100)] })
  assert.equal((await call('getInvoice', invoice.Id)).Balance, 0)
  const payment = await call('voidPayment', paid)
  assert.equal(payment.TotalAmt, 0)
  assert.equal((await call('getInvoice', invoice.Id)).Balance, 100)
  const voided = (await call('voidInvoice', invoice.Id)).Invoice
  assert.equal(voided.TotalAmt, 0)
  assert.match(voided.PrivateNote, /^Voided/)
  const other = await call('createPayment', { CustomerRef: invoice.CustomerRef, TotalAmt: 5 })
  assert.equal((await call('updatePayment', { ...other, void: true })).TotalAmt, 0)
})

check('batch', async () => {
  const wrong = '99999999'
  const answer = await call('batch', [
    { bId: '1', operation: 'create', Customer: { DisplayName: named('Batch') } },
    { bId: '2', operation: 'delete', Invoice: { Id: wrong, SyncToken: '0' } },
    { bId: '3', Query: 'select * from Term maxresults 2' }
  ])
  const [created, refused, queried] = answer.BatchItemResponse
  assert.equal(created.Customer.SyncToken, '0')
  assert.equal(refused.Fault.Error[0].code, '610')
  assert.equal(queried.QueryResponse.Term.length, 2)
})

check('change data capture', async () => {
  const since = new Date(Date.now() - 600000)
  const created = await call('createInvoice', await sold())
  await call('deleteInvoice', created)
  const changes = (await call('changeDataCapture', ['Invoice', 'Customer'], since)).CDCResponse[0].QueryResponse
  const stub = changes.find(group => group.Invoice).Invoice.find(row => row.Id === created.Id)
  assert.equal(stub.status, 'Deleted')
  assert.ok(changes.find(group => group.Customer).Customer.some(row => row.Id === created.CustomerRef.value))
})

check('upload', async () => {
  const invoice = await call('createInvoice', await sold())
  const content = Buffer.from('one,two\r\n1,2\n')
  const file = await call('upload', 'table.csv', 'text/csv', Readable.from([content]), 'Invoice', invoice.Id)
  assert.equal(file.AttachableRef[0].EntityRef.value, invoice.Id)
  const read = await call('getAttachable', file.Id)
  assert.equal(read.Size, content.length)
  assert.equal(await (await fetch(read.TempDownloadUri)).text(), content.toString())
})

check('request ids and duplicate numbers', async () => {
  const requestId = named('request')
  const body = await lives.Customer.make()
  const [first, again] = [await call('createCustomer', { ...body, requestId }), await call('createCustomer', { ...body, requestId })]
  assert.deepEqual(again, first)
  assert.ok((await call('createInvoice', { ...await sold(), DocNumber: 'N-1', allowDuplicateDocNum: true })).Id)
  assert.ok((await call('createInvoice', { ...await sold(), DocNumber: 'N-1', allowDuplicateDocNum: true })).Id)
})

check('faults', async () => {
  const taken = await call('createCustomer', await lives.Customer.make())
  assert.equal((await fault('createVendor', { DisplayName: taken.DisplayName })).code, '6240')
  assert.equal((await fault('createInvoice', { Line: [] })).code, '2020')
  assert.equal((await fault('createCustomer', { DisplayName: named('x'), Nonsense: 1 })).code, '2010')
  assert.equal((await fault('findCustomers', { Nonsense: 'x' })).code, '4001')
})

const reports = ['BalanceSheet', 'ProfitAndLoss', 'ProfitAndLossDetail', 'TrialBalance', 'CashFlow', 'InventoryValuationSummary', 'CustomerSales', 'ItemSales',
  'CustomerIncome', 'CustomerBalance', 'CustomerBalanceDetail', 'AgedReceivables', 'AgedReceivableDetail', 'VendorBalance', 'VendorBalanceDetail', 'AgedPayables',
  'AgedPayableDetail', 'VendorExpenses', 'TransactionList', 'TransactionListWithSplits', 'TransactionListByCustomer', 'TransactionListByVendor',
  'GeneralLedgerDetail', 'TaxSummary', 'DepartmentSales', 'ClassSales', 'AccountListDetail', 'JournalReport']
const wireNames = { GeneralLedgerDetail: 'GeneralLedger', AccountListDetail: 'AccountList' }
for (const name of reports) {
  check(`report ${name}`, async () => {
    const found = await call(`report${name}`, { start_date: '2026-01-01', end_date: '2026-12-31' })
    assert.ok(found.Header && found.Columns.Column.length && found.Rows)
    assert.equal(found.Header.ReportName, wireNames[name] || name)
  })
}

check('refresh, user info, revoke', async () => {
  const mine = await grant()
  const other = client(mine)
  const answer = await promisify(other.refreshAccessToken.bind(other))()
  assert.ok(answer.access_token !== mine.access_token && other.token === answer.access_token)
  await promisify(other.revokeAccess.bind(other))(true)
  const dead = client({ access_token: answer.access_token })
  const status = await new Promise(resolve => dead.getCompanyInfo(tokens.realmId, error => resolve(error?.response?.status)))
  assert.equal(status, 401)
})

check('throttle', async () => {
  await control('faults', { kind: '429_json', count: 1 })
  const status = await new Promise(resolve => qbo.getCompanyInfo(tokens.realmId, error => resolve(error?.response?.status)))
  assert.equal(status, 429)
  await control('faults', { clear: true })
})

assert.ok(url)
await run()
