"""The rows of the schema table.

Facts from Intuit's API reference and the published ``Finance.xsd``: properties, required fields, lengths, defaults,
read-only fields, enumerations, which operations exist and which properties a query may filter (f) and sort (fs).

A row is ``Name code flags``. Codes: sN string of at most N characters, b boolean, i integer, m money, n number, d date,
e:A|B enumeration, r:Entity reference, o:Type object, l:Type list, any (known, kept as sent).
Flags: ! required on create, ro read-only, once fixed at creation, keep survives a full update without it, =x default.
``also`` names further known properties; ``use`` includes a group of rows.
"""

TYPES = """
Common
  Id s0; SyncToken s0; MetaData any ro; domain s0 ro; sparse any; status s0 ro; CustomField l:CustomField keep
  AttachableRef any ro
CustomField
  DefinitionId s0; Name s0; Type s0; StringValue s0; BooleanValue b; DateValue d; NumberValue n
Ref
  value s0; name s0; type s0
Address
  Id s0; Line1 s500; Line2 s500; Line3 s500; Line4 s500; Line5 s500; City s255; Country s255
  CountrySubDivisionCode s255; PostalCode s31; Lat s0; Long s0; Note s0; Tag s0
  also CountryCode County PostalCodeSuffix
Phone
  FreeFormNumber s30
  also Id DeviceType CountryCode AreaCode ExchangeCode Extension Default Tag
Email
  Address s100; Id s0; Default any; Tag any
Web
  URI s1000; Id s0; Default any; Tag any
Memo
  value s1000
LinkedTxn
  TxnId s0; TxnType s0; TxnLineId s0
Line
  Id s0; LineNum i; Description s4000; Amount m; DetailType s0; LinkedTxn l:LinkedTxn
  SalesItemLineDetail o:SalesItemLineDetail; DiscountLineDetail o:DiscountLineDetail
  DescriptionLineDetail o:DescriptionLineDetail; SubTotalLineDetail any; GroupLineDetail o:GroupLineDetail
  JournalEntryLineDetail o:JournalEntryLineDetail; DepositLineDetail o:DepositLineDetail; CustomField l:CustomField
  also LineEx Received PaymentLineDetail TaxLineDetail ProjectRef CostAmount HomeCostAmount CustomExtensions
  also ItemBasedExpenseLineDetail AccountBasedExpenseLineDetail ReimburseLineDetail TDSLineDetail DescriptionOnly
SalesItemLineDetail
  ItemRef r:Item; ClassRef r:Class; UnitPrice n; Qty n; TaxCodeRef o:Ref; ServiceDate d; TaxInclusiveAmt m
  DiscountRate n; DiscountAmt m; ItemAccountRef o:Ref
  also UnitCostPrice RatePercent PriceLevelRef MarkupInfo UOMRef InventorySiteRef TaxClassificationRef DeferredRevenue
  also RetainageAmount SalesItemLineDetailEx
DiscountLineDetail
  PercentBased b; DiscountPercent n; DiscountAccountRef r:Account; DiscountRef any; ServiceDate d; ClassRef r:Class
  TaxCodeRef o:Ref; DiscountLineDetailEx any
DescriptionLineDetail
  ServiceDate d; TaxCodeRef o:Ref; DescriptionLineDetailEx any
GroupLineDetail
  GroupItemRef r:Item; Quantity n; Line l:Line; ServiceDate d; UOMRef any; GroupLineDetailEx any
JournalEntryLineDetail
  PostingType e:Debit|Credit; AccountRef r:Account; Entity o:JournalParty; ClassRef r:Class; DepartmentRef r:Department
  TaxCodeRef o:Ref; TaxAmount m
  also BillableStatus TaxApplicableOn JournalCodeRef TaxInclusiveAmt JournalEntryLineDetailEx
JournalParty
  Type e:Customer|Vendor|Employee; EntityRef o:Ref
DepositLineDetail
  AccountRef r:Account; PaymentMethodRef r:PaymentMethod; CheckNum s21; Entity o:Ref; ClassRef r:Class; TxnType s0
  also TaxCodeRef TaxApplicableOn DepositLineDetailEx
TxnTaxDetail
  TxnTaxCodeRef o:Ref; TotalTax m; TaxLine l:TaxLine; DefaultTaxCodeRef o:Ref
  also TaxReviewStatus UseAutomatedSalesTax
TaxLine
  Amount m; DetailType s0; TaxLineDetail o:TaxLineDetail
  also Id LineNum Description LinkedTxn
TaxLineDetail
  TaxRateRef o:Ref; PercentBased b; TaxPercent n; NetAmountTaxable m; TaxInclusiveAmount m; OverrideDeltaAmount m
  ServiceDate d; TaxLineDetailEx any
CashBack
  Amount m; AccountRef r:Account; Memo s4000
Person
  Title s16; GivenName s100 fs; MiddleName s100 fs; FamilyName s100 fs; Suffix s16; CompanyName s100 fs
  DisplayName s500 keep fs; PrintOnCheckName s110 keep fs; Active b =true fs; FullyQualifiedName s0 ro fs
  PrimaryPhone o:Phone; AlternatePhone o:Phone; Mobile o:Phone; Fax o:Phone; PrimaryEmailAddr o:Email; WebAddr o:Web
  BillAddr o:Address; CurrencyRef o:Ref once; AcctNum s100
  also IntuitId Organization UserId V4IDPseudonym OtherContactInfo OtherAddr ContactName AltContactName Source GSTIN
  also GSTRegistrationType BusinessNumber TDSEnabled ClientEntityId
Txn
  DocNumber s21 keep; TxnDate d; DepartmentRef r:Department; CurrencyRef o:Ref; ExchangeRate n; PrivateNote s4000
  LinkedTxn l:LinkedTxn ro; Line l:Line keep; TxnTaxDetail o:TxnTaxDetail
  also TxnSubType TxnStatus TxnSource TaxFormType TaxFormNum TransactionLocationType Tag TxnApprovalInfo RecurDataRef
  also RecurringInfo ProjectRef TotalCostAmount HomeTotalCostAmount V4IDPseudonym
Sale
  CustomerMemo o:Memo; BillAddr o:Address; ShipAddr o:Address; ClassRef r:Class; SalesTermRef r:Term
  ShipMethodRef o:Ref; ShipDate d; TrackingNum s0; ShipFromAddr o:Address
  GlobalTaxCalculation e:TaxExcluded|TaxInclusive|NotApplicable; TotalAmt m ro; HomeTotalAmt m ro; Balance m ro
  HomeBalance m ro; ApplyTaxAfterDiscount b =false; PrintStatus e:NotSet|NeedToPrint|PrintComplete =NeedToPrint
  EmailStatus e:NotSet|NeedToSend|EmailSent =NotSet; BillEmail o:Email; BillEmailCc o:Email; BillEmailBcc o:Email
  PaymentMethodRef r:PaymentMethod; PaymentRefNum s21; DepositToAccountRef r:Account keep; AutoDocNumber b
  DeliveryInfo any ro; FreeFormAddress b
  also RemitToRef SalesRepRef PONumber FOB ShippingTaxIncludedInTotalTax TemplateRef ARAccountRef FinanceCharge
  also PaymentType CheckPayment CreditCardPayment DiscountRate DiscountAmt GovtTxnRefIdentifier TaxExemptionRef LessCIS
"""

ENTITIES = """
Customer name seq=Names ref=Names unique=Customer|Vendor|Employee ops=create,read,update,query
  use Person
  DisplayName s100 keep fs; GivenName s100 fs; MiddleName s100 fs; FamilyName s100 fs; CompanyName s100 fs
  PrintOnCheckName s110 keep fs; Active b =true fs; FullyQualifiedName s0 ro fs; PrimaryEmailAddr o:Email f
  ShipAddr o:Address; Notes s2000; Job b =false; BillWithParent b =false; ParentRef r:Customer keep; Level i ro
  Taxable b =true; DefaultTaxCodeRef o:Ref keep; SalesTermRef r:Term; PaymentMethodRef r:PaymentMethod
  PreferredDeliveryMethod s0 =Print; Balance m ro fs; BalanceWithJobs m ro; OpenBalanceDate d once; ResaleNum s16
  CustomerTypeRef o:Ref keep; IsProject b ro; TaxExemptionReasonId s0; PrimaryTaxIdentifier s20
  also RootCustomerRef SalesRepRef TaxGroupCodeRef TaxRateRef CCDetail PriceLevelRef CreditLimit OverDueBalance
  also TotalRevenue TotalExpense JobInfo CustomerEx SecondaryTaxIdentifier ARAccountRef IsCISContractor
  also ClientCompanyId TaxRegime
Vendor name seq=Names ref=Names unique=Customer|Vendor|Employee ops=create,read,update,query
  use Person
  DisplayName s100 keep fs; GivenName s100 fs; MiddleName s100 fs; FamilyName s100 fs; CompanyName s100 fs
  PrintOnCheckName s100 keep fs; Active b =true fs; FullyQualifiedName s0 ro fs; TermRef r:Term; Balance m ro fs
  Vendor1099 b =false; TaxIdentifier s20
  also ShipAddr Notes DefaultTaxCodeRef TaxCountry TaxIdEffectiveDate ParentRef VendorTypeRef PrefillAccountRef BillRate
  also OpenBalanceDate CreditLimit T4AEligible T5018Eligible TDSEntityTypeId TDSSectionTypeId TDSOverrideThreshold
  also TaxReportingBasis APAccountRef VendorEx IsSubContractor SubcontractorType CISRate HasTPAR
  also VendorPaymentBankDetail CostRate AgencyVerificationStatus
Employee name seq=Names ref=Names unique=Customer|Vendor|Employee ops=create,read,update,query
  use Person
  DisplayName s100 keep fs; GivenName s100 fs; FamilyName s100 fs; Active b =true fs; PrimaryAddr o:Address
  BillableTime b =false; HiredDate d; BirthDate d; SSN s100; EmployeeNumber s100; BillRate n; CostRate n; Gender s0
  ReleasedDate d
Item name ref=Items unique=Item ops=create,read,update,query
  Name s100 ! keep fs; Sku s100 f; Description s4000; Active b =true fs; SubItem b; ParentRef r:Item keep; Level i ro
  FullyQualifiedName s0 ro fs; Taxable b =false f; SalesTaxIncluded b; UnitPrice n =0; Type s0 keep ! fs
  IncomeAccountRef r:Account keep; PurchaseDesc s1000; PurchaseCost n =0; ExpenseAccountRef r:Account keep
  AssetAccountRef r:Account keep; TrackQtyOnHand b =false; QtyOnHand n keep; InvStartDate d keep; ReorderPoint n
  PrefVendorRef r:Vendor; SalesTaxCodeRef o:Ref; PurchaseTaxCodeRef o:Ref; PurchaseTaxIncluded b; ClassRef r:Class
  also PercentBased RatePercent PaymentMethodRef UOMSetRef COGSAccountRef AvgCost QtyOnPurchaseOrder QtyOnSalesOrder
  also ManPartNum DepositToAccountRef BuildPoint PrintGroupedItems SpecialItem SpecialItemType ItemGroupDetail
  also ItemAssemblyDetail AbatementRate ReverseChargeRate ServiceType ItemCategoryType ItemEx TaxClassificationRef
  also UQCDisplayText UQCId Source DeferredRevenue CustomExtensions
Account name ref=Accounts unique=Account ops=create,read,update,query
  Name s100 ! keep fs; SubAccount b =false; ParentRef r:Account keep; Description s100; AcctNum s20
  FullyQualifiedName s0 ro fs; Active b =true fs; Classification s0 keep fs; AccountType s0 keep fs
  AccountSubType s0 keep fs; CurrentBalance m ro fs; CurrentBalanceWithSubAccounts m ro fs; CurrencyRef o:Ref once
  TaxCodeRef o:Ref
  also AccountAlias TxnLocationType AccountPurposes AcctNumExtn BankNum OpeningBalance OpeningBalanceDate TaxAccount
  also OnlineBankingEnabled FIName JournalCodeRef AccountEx
TaxCode name ref=TaxCodes unique=TaxCode ops=read,query
  Name s100 ! keep fs; Description s100 f; Active b =true fs; Hidden b; Taxable b; TaxGroup b; SalesTaxRateList any
  PurchaseTaxRateList any; TaxCodeConfigType s0; AdjustmentTaxRateList any; TaxCodeEx any
TaxRate name ref=TaxRates unique=TaxRate ops=read,query
  Name s100 ! keep fs; Description s100 f; Active b =true fs; RateValue n; AgencyRef o:Ref f; SpecialTaxType s0
  DisplayType s0; EffectiveTaxRate any; TaxReturnLineRef any; OriginalTaxRate any
TaxAgency list seq=TaxAgency unique=TaxAgency ops=create,read,query
  DisplayName s100 ! keep fs; TaxTrackedOnPurchases b =false; TaxTrackedOnSales b =true; TaxRegistrationNumber s0
  LastFileDate d; TaxAgencyConfig s0
Term name ref=Terms unique=Term ops=create,read,update,query
  Name s31 ! keep fs; Active b =true fs; Type s0 keep fs; DueDays i keep; DiscountPercent n keep; DiscountDays i keep
  DayOfMonthDue i keep; DueNextMonthDays i keep; DiscountDayOfMonth i keep; SalesTermEx any
PaymentMethod name ref=PaymentMethods unique=PaymentMethod ops=create,read,update,query
  Name s31 ! keep fs; Active b =true fs; Type e:CREDIT_CARD|NON_CREDIT_CARD =NON_CREDIT_CARD; PaymentMethodEx any
Class name ref=Klasses unique=Class ops=create,read,update,query
  Name s100 ! keep fs; SubClass b =false; ParentRef r:Class keep; FullyQualifiedName s0 ro fs; Active b =true fs
  Description s100; ClassEx any
Department name ref=Depts unique=Department ops=create,read,update,query
  Name s100 ! keep fs; SubDepartment b =false; ParentRef r:Department keep; FullyQualifiedName s0 ro fs
  Active b =true fs; Address o:Address; Description s100; DepartmentEx any
Invoice sale seq=Txns ops=create,read,update,delete,void,query,send,pdf
  use Txn Sale
  DocNumber s21 keep fs; CustomerRef r:Customer ! f; TxnDate d fs; DueDate d fs; Balance m ro fs; TotalAmt m ro fs
  SalesTermRef r:Term f; ProjectRef any f; Line l:Line ! keep; Deposit m; AllowIPNPayment b =false
  AllowOnlinePayment b =false; AllowOnlineCreditCardPayment b =false; AllowOnlineACHPayment b =false
  EInvoiceStatus any; InvoiceLink any ro; InvoiceEx any
  also AllowOnlinePayPalPayment ECloudStatusTimeStamp invoiceStatus callToAction invoiceStatusLog
  also PaymentDetailsMessage ConvenienceFeeDetail
CreditMemo sale seq=Txns title=Credit_Memo ops=create,read,update,delete,query,send,pdf
  use Txn Sale
  DocNumber s21 keep fs; CustomerRef r:Customer ! f; TxnDate d fs; TotalAmt m ro fs; Balance m ro fs
  SalesTermRef r:Term f; ProjectRef any f; Line l:Line ! keep; RemainingCredit m ro; InvoiceRef o:Ref; DueDate any ro
  CreditMemoEx any
SalesReceipt sale seq=Txns title=Sales_Receipt ops=create,read,update,delete,void,query,send,pdf
  use Txn Sale
  DocNumber s21 keep fs; CustomerRef r:Customer f; TxnDate d fs; TotalAmt m ro fs; Balance m ro fs; Line l:Line ! keep
  DueDate any ro; SalesReceiptEx any; ProcessPayment b
RefundReceipt sale seq=Txns title=Refund ops=create,read,update,delete,query,send,pdf
  use Txn Sale
  DocNumber s21 keep fs; CustomerRef r:Customer f; TxnDate d fs; Balance m ro fs; TotalAmt m ro; Line l:Line ! keep
  DepositToAccountRef r:Account ! keep; RemainingCredit m ro; DueDate any ro; RefundReceiptEx any
Payment payment seq=Txns ops=create,read,update,delete,void,query,send,pdf
  use Txn
  CustomerRef r:Customer ! f; TotalAmt m ! fs; TxnDate d fs; PaymentMethodRef r:PaymentMethod f; PaymentRefNum s21 f
  ProjectRef any f; DepositToAccountRef r:Account keep; UnappliedAmt m ro; ProcessPayment b =false; Line l:Line
  also RemitToRef ARAccountRef PaymentType CheckPayment CreditCardPayment PaymentExtendedType PaymentEx
  also TaxExemptionRef
JournalEntry journal seq=Txns title=Journal_Entry ops=create,read,update,delete,query
  use Txn
  DocNumber s21 keep fs; TxnDate d fs; Line l:Line ! keep; Adjustment b =false; TotalAmt m ro; HomeTotalAmt m ro
  also HomeAdjustment EnteredInAdjustmentMode JournalEntryEx GlobalTaxCalculation
Deposit deposit seq=Txns ops=create,read,update,delete,query
  use Txn
  DocNumber s21 keep; TxnDate d fs; Line l:Line ! keep; DepositToAccountRef r:Account ! keep; TotalAmt m ro
  HomeTotalAmt m ro; CashBack o:CashBack; GlobalTaxCalculation any; DepositEx any
CompanyInfo single ops=read,update,query
  CompanyName s1024 keep; LegalName s1024 keep; CompanyAddr o:Address keep; CustomerCommunicationAddr o:Address keep
  LegalAddr o:Address keep; CompanyEmailAddr o:Email keep; CustomerCommunicationEmailAddr o:Email keep
  PrimaryPhone o:Phone keep; CompanyStartDate d ro; FiscalYearStartMonth s0 keep; Country s0 keep; Email o:Email keep
  WebAddr o:Web keep; SupportedLanguages s0 keep; DefaultTimeZone s0 keep; NameValue any keep; EmployerId s0 keep
  also CompanyURL OtherContactInfo CompanyFileName FlavorStratum SampleFile CompanyUserId CompanyUserAdminEmail
  also TaxYearStartMonth QBVersion ShipAddr OtherAddr Mobile Fax LastImportedTime LastSyncTime
  also MultiByteCharsSupported FifoCalculationStatus CompanyInfoEx
Preferences single ops=read,update,query
  AccountingInfoPrefs any keep; AdvancedInventoryPrefs any keep; ProductAndServicesPrefs any keep
  SalesFormsPrefs any keep; EmailMessagesPrefs any keep; PrintDocumentPrefs any keep; VendorAndPurchasesPrefs any keep
  TimeTrackingPrefs any keep; TaxPrefs any keep; FinanceChargesPrefs any keep; CurrencyPrefs any keep
  ReportPrefs any keep; OtherPrefs any keep
"""
