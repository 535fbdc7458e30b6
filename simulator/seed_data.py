"""The demo company's data: a garden and landscaping firm in California."""

CHART = (
    ("Checking", "Bank", "Checking"),
    ("Savings", "Bank", "Savings"),
    ("Accounts Receivable (A/R)", "Accounts Receivable", "AccountsReceivable"),
    ("Undeposited Funds", "Other Current Asset", "UndepositedFunds"),
    ("Inventory Asset", "Other Current Asset", "Inventory"),
    ("Prepaid Expenses", "Other Current Asset", "PrepaidExpenses"),
    ("Truck", "Fixed Asset", "Vehicles"),
    ("Accounts Payable (A/P)", "Accounts Payable", "AccountsPayable"),
    ("Mastercard", "Credit Card", "CreditCard"),
    ("Sales Tax Payable", "Other Current Liability", "SalesTaxPayable"),
    ("Loan Payable", "Other Current Liability", "LoanPayable"),
    ("Notes Payable", "Long Term Liability", "NotesPayable"),
    ("Opening Balance Equity", "Equity", "OpeningBalanceEquity"),
    ("Retained Earnings", "Equity", "RetainedEarnings"),
    ("Services", "Income", "ServiceFeeIncome"),
    ("Sales of Product Income", "Income", "SalesOfProductIncome"),
    ("Landscaping Services", "Income", "ServiceFeeIncome"),
    ("Design Income", "Income", "ServiceFeeIncome"),
    ("Discounts given", "Income", "DiscountsRefundsGiven"),
    ("Late Fee Income", "Other Income", "OtherMiscellaneousIncome"),
    ("Cost of Goods Sold", "Cost of Goods Sold", "SuppliesMaterialsCogs"),
    ("Bad Debts", "Expense", "BadDebts"),
    ("Bank Charges", "Expense", "BankCharges"),
    ("Fuel", "Expense", "Auto"),
    ("Insurance", "Expense", "Insurance"),
    ("Office Expenses", "Expense", "OfficeGeneralAdministrativeExpenses"),
    ("Rent or Lease", "Expense", "RentOrLeaseOfBuildings"),
    ("Utilities", "Expense", "Utilities"),
    ("Exchange Gain or Loss", "Other Expense", "ExchangeGainOrLoss"),
)

TERMS = (("Due on receipt", 0), ("Net 15", 15), ("Net 30", 30), ("Net 60", 60), ("Net 10", 10))
METHODS = (("Cash", "NON_CREDIT_CARD"), ("Check", "NON_CREDIT_CARD"), ("Visa", "CREDIT_CARD"),
           ("MasterCard", "CREDIT_CARD"), ("Discover", "CREDIT_CARD"), ("Direct Debit", "NON_CREDIT_CARD"))
TAXES = (("California", "8", "Board of Equalization"), ("Tucson", "9.1", "Arizona Dept. of Revenue"),
         ("AZ State tax", "7.1", "Arizona Dept. of Revenue"))
GLOBAL_TAXES = (("Standard", "20", "Revenue Office"), ("Reduced", "5", "Revenue Office"), ("Zero", "0", "Revenue Office"))

ITEMS = (
    ("Services", "Service", "Services", "0", False, "Work by the hour"),
    ("Hours", "Service", "Services", "45", False, "Labour by the hour"),
    ("Garden Design", "Service", "Design Income", "75", False, "Custom garden design"),
    ("Lawn Care", "Service", "Landscaping Services", "60", False, "Weekly mowing and edging"),
    ("Hedge Trimming", "Service", "Landscaping Services", "52.5", False, "Trimming of hedges and shrubs"),
    ("Tree Removal", "Service", "Landscaping Services", "480", False, "Felling and removal of a tree"),
    ("Irrigation Installation", "Service", "Landscaping Services", "95", False, "Installation of sprinklers"),
    ("Pest Control", "Service", "Landscaping Services", "35", False, "Treatment against pests"),
    ("Maintenance Visit", "Service", "Landscaping Services", "40", False, "Monthly maintenance"),
    ("Delivery", "Service", "Services", "25", False, "Delivery within 20 miles"),
    ("Late Fee", "Service", "Late Fee Income", "15", False, "Charge for late payment"),
    ("Sprinkler Head", "NonInventory", "Sales of Product Income", "3.25", True, "Pop-up sprinkler head"),
    ("Sprinkler Pipe", "NonInventory", "Sales of Product Income", "2.15", True, "Pipe, price for a foot"),
    ("Rock Fountain", "NonInventory", "Sales of Product Income", "275", True, "Rock fountain"),
    ("Fountain Pump", "NonInventory", "Sales of Product Income", "15.9", True, "Pump for a fountain"),
    ("Garden Lights", "NonInventory", "Sales of Product Income", "22.49", True, "Set of garden lights"),
    ("Topsoil", "NonInventory", "Sales of Product Income", "38", True, "Topsoil, price for a yard"),
    ("Bark Mulch", "NonInventory", "Sales of Product Income", "27.75", True, "Bark mulch, price for a yard"),
    ("Sod", "NonInventory", "Sales of Product Income", "0.85", True, "Sod, price for a square foot"),
    ("Rose Bush", "NonInventory", "Sales of Product Income", "18.99", True, "Rose bush in a pot"),
    ("Olive Tree", "NonInventory", "Sales of Product Income", "149", True, "Olive tree, five years"),
    ("Concrete Paver", "NonInventory", "Sales of Product Income", "4.4", True, "Paver, 12 x 12 inches"),
    ("Gravel", "NonInventory", "Sales of Product Income", "31.2", True, "Gravel, price for a yard"),
    ("Planter Box", "NonInventory", "Sales of Product Income", "64.5", True, "Cedar planter box"),
    ("Garden Hose", "NonInventory", "Sales of Product Income", "29.95", True, "Garden hose, 50 feet"),
)

CUSTOMERS = (
    ("Adelaide Flower Market", "Adelaide", "Moreno"), ("Bayview Bed & Breakfast", "Thomas", "Ingram"),
    ("Bluebird Kindergarten", "Rosa", "Quintero"), ("Canyon Ridge Apartments", "Marcus", "Webb"),
    ("Cedar Street Dental", "Helen", "Osborne"), ("City of Alder Park", "Priya", "Nair"),
    ("Corner Bakery O'Shea", "Fiona", "O'Shea"), ("Dalton & Sons Builders", "George", "Dalton"),
    ("Eastside Community Garden", "Lena", "Fischer"), ("Evergreen Cemetery", "Paul", "Haverford"),
    ("Foxglove Restaurant", "Isabelle", "Laurent"), ("Golden Hills Golf Club", "Raymond", "Cho"),
    ("Harbor Light Church", "Esther", "Mbeki"), ("Hillcrest Homeowners", "Nadia", "Petrov"),
    ("Jasper Yoga Studio", "Jasper", "Lindqvist"), ("Kingsley Car Wash", "Owen", "Kingsley"),
    ("Lakeside Elementary School", "Carmen", "Delgado"), ("Maple Grove Clinic", "Samuel", "Abara"),
    ("Mission Street Books", "Ruth", "Adler"), ("Northgate Self Storage", "Victor", "Salas"),
    ("Oak Hollow Winery", "Claire", "Beaumont"), ("Pacific Surf Shop", "Kai", "Nakamura"),
    ("Quail Run Stables", "Martha", "Ellison"), ("Redwood Credit Union", "Denise", "Carver"),
    ("Sunset Senior Living", "Howard", "Prentice"), ("Tidewater Seafood", "Miguel", "Fuentes"),
    ("Upland Veterinary", "Grace", "Thornton"), ("Valley Tile & Stone", "Anton", "Kovac"),
    ("Westbrook Theater", "Julia", "Romano"), ("Zinnia Café", "Amélie", "Dufour"),
)
JOBS = (("Canyon Ridge Apartments", "Building A"), ("Canyon Ridge Apartments", "Building B"),
        ("Dalton & Sons Builders", "14 Juniper Way"), ("Dalton & Sons Builders", "220 Acacia Court"),
        ("Hillcrest Homeowners", "Clubhouse"), ("Hillcrest Homeowners", "North Entrance"),
        ("City of Alder Park", "Rose Garden"), ("City of Alder Park", "Town Hall"),
        ("Golden Hills Golf Club", "Back Nine"), ("Oak Hollow Winery", "Tasting Room"))
PLACES = (("Bayshore", "CA", "94326"), ("Menlo Park", "CA", "94025"), ("San Mateo", "CA", "94401"),
          ("Half Moon Bay", "CA", "94019"), ("Tucson", "AZ", "85719"), ("Palo Alto", "CA", "94303"))
STREETS = ("Juniper Way", "Acacia Court", "Harbor Road", "Mission Street", "Valley Drive", "Orchard Lane", "2nd Avenue")
VENDORS = ("Cal Stone Supply", "Fuller Nursery Wholesale", "Pacific Power & Water")
EMPLOYEES = (("Emma", "Platt"), ("John", "Rivera"))
NOTES = ("", "", "", "Thank you for your business.", "Please call before delivery.", "Second visit in spring.")
