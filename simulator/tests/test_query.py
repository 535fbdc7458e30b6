"""The query language: paging, filters, order, projections, and the recorded refusals."""

from decimal import Decimal

import pytest
from conftest import Client

from simulator.app import Simulator
from simulator.server import Running


@pytest.fixture(scope="module")
def books():
    """A demo company on a server of its own, only read."""
    server = Running(Simulator()).start()
    yield Client(server.url).start()
    server.stop()


def test_default_page_and_paging(books):
    first = books.query("select * from Invoice")
    assert (first["startPosition"], first["maxResults"], len(first["Invoice"])) == (1, 100, 100)
    rest = books.query("SELECT * FROM Invoice MAXRESULTS 1000 STARTPOSITION 101")
    assert (rest["startPosition"], rest["maxResults"]) == (101, 20)
    assert {row["Id"] for row in first["Invoice"]} & {row["Id"] for row in rest["Invoice"]} == set()
    assert books.query("select * from Invoice startposition 121 maxresults 5") == {}


def test_default_order(books):
    names = [row["FullyQualifiedName"] for row in books.rows("select * from Customer maxresults 1000")]
    assert names == sorted(names) and any(":" in name for name in names)
    times = [row["MetaData"]["LastUpdatedTime"] for row in books.rows("select * from Payment")]
    assert times == sorted(times, reverse=True)


def test_count(books):
    assert books.query("select count(*) from Invoice") == {"totalCount": 120}
    assert books.query("SELECT COUNT(*) FROM Customer WHERE Active IN (true, false)")["totalCount"] == 40
    assert books.query("select count ( * ) from customer where Active = false")["totalCount"] == 0


@pytest.mark.parametrize(
    ("where", "check"),
    [
        ("TotalAmt > '1000.00'", lambda row: row["TotalAmt"] > 1000),
        ("Balance = '0'", lambda row: row["Balance"] == 0),
        ("TotalAmt>='10' and TotalAmt <= '200'", lambda row: 10 <= row["TotalAmt"] <= 200),
        ("CustomerRef = '1'", lambda row: row["CustomerRef"]["value"] == "1"),
        ("DocNumber in ('1001', '1002')", lambda row: row["DocNumber"] in ("1001", "1002")),
        ("DocNumber like '100%'", lambda row: row["DocNumber"].startswith("100")),
        ("DocNumber NOT IN ('1001')", lambda row: row["DocNumber"] != "1001"),
        ("DocNumber != '1001'", lambda row: row["DocNumber"] != "1001"),
        ("TxnDate >= '2020-01-01' AND DueDate < '2099-01-01'", lambda row: True),
        ("SalesTermRef = '3'", lambda row: row.get("SalesTermRef") == {"value": "3"}),
        ("MetaData.LastUpdatedTime > '2020-03-13T14:50:22-08:00'", lambda row: True),
        ("Metadata.CreateTime > '2020-03-13T14:50:22Z'", lambda row: True),
        ("TxnDate <= CURRENT_DATE", lambda row: True),
    ],
)
def test_filters(books, where, check):
    rows = books.rows(f"select * from Invoice where {where} maxresults 1000")
    wanted = [row["Id"] for row in books.rows("select * from Invoice maxresults 1000") if check(row)]
    assert wanted and sorted(row["Id"] for row in rows) == sorted(wanted)


def test_text_is_compared_without_case_and_quotes_are_escaped(books):
    for value in ("Corner Bakery O\\'Shea", "corner bakery o\\'shea"):
        assert len(books.rows(f"select * from Customer where DisplayName = '{value}'")) == 1
    assert len(books.rows("select * from Customer where DisplayName = 'Bayview Bed & Breakfast'")) == 1
    assert len(books.rows("select * from Customer where PrimaryEmailAddr = 'office1@customers.example.com'")) == 1


def test_order(books):
    totals = [row["TotalAmt"] for row in books.rows("select * from Invoice ORDERBY TotalAmt DESC maxresults 9")]
    assert totals == sorted(totals, reverse=True)
    keys = [int(row["Id"]) for row in books.rows("select * from Invoice order by Id")]
    assert keys == sorted(keys)
    dates = [
        (row["TxnDate"], row["DocNumber"])
        for row in books.rows("select * from Invoice order by TxnDate, DocNumber desc")
    ]
    assert [date for date, _number in dates] == sorted(date for date, _number in dates)


def test_projection_has_no_token(books):
    row = books.rows("select DocNumber, Metadata.LastUpdatedTime, PrivateNote from Invoice where DocNumber = '1001'")[0]
    assert set(row) == {"sparse", "Id", "DocNumber", "MetaData"} and row["sparse"] == "true"
    assert set(row["MetaData"]) == {"LastUpdatedTime"}
    assert "SyncToken" in books.rows("select *, Sku from Item maxresults 1")[0]


def test_properties_that_begin_like_keywords(books):
    assert books.error("GET", "query", query="select FromAccountRef from Invoice")[0] == "4001"
    assert books.error("GET", "query", query="select * from Invoice order by Orderly")[0] == "4001"
    assert books.error("GET", "query", query="select * from Invoice where Android = '1'")[0] == "4001"


def test_inactive_rows_are_hidden_unless_asked_for(empty):
    made = empty.customer("Gone")
    empty.update("Customer", made, Active=False)
    assert empty.rows("select * from Customer") == []
    assert empty.rows("select * from Customer where Active = true") == []
    assert len(empty.rows("select * from Customer where Active IN (true,false)")) == 1
    assert len(empty.rows("select * from Customer where Active = False")) == 1


def test_post_with_the_statement_as_body(books):
    for kind in ("application/text", "text/plain"):
        answer = books.http.post(
            f"{books.url}/v3/company/{books.realm}/query",
            data="select * from Term",
            headers={"Content-Type": kind},
            timeout=5,
        )
        assert len(answer.json()["QueryResponse"]["Term"]) == 5


@pytest.mark.parametrize(
    ("statement", "code", "detail"),
    [
        ("SELECT * FROM Custmoer", "4001", "QueryValidationError: invalid context declaration: Custmoer"),
        (
            "select * from Invoice where NoSuchField = 'x'",
            "4001",
            "QueryValidationError: Property NoSuchField not found for Entity Invoice",
        ),
        (
            "select * from Customer where CustomerTypeRef = '1'",
            "4001",
            "QueryValidationError: property 'CustomerTypeRef' is not queryable",
        ),
        (
            "select * from Vendor where PrimaryEmailAddr = 'x'",
            "4001",
            "QueryValidationError: property 'PrimaryEmailAddr' is not queryable",
        ),
        (
            "select * from Payment where DocNumber = 'x'",
            "4001",
            "QueryValidationError: property 'DocNumber' is not queryable",
        ),
        (
            "select * from Invoice startposition 0",
            "4001",
            "QueryValidationError: value 0 is too small. Min allowed value is 1",
        ),
        (
            "select * from Invoice maxresults 1001",
            "4001",
            "QueryValidationError: value 1001 is too large. Max allowed value is 1000",
        ),
        (
            "select * from Customer where DisplayName = 'Bob's shop'",
            "4000",
            'QueryParserError: Encountered " <IDENTIFIER> "s "" at line 1, column 49.\nWas expecting one of:\n',
        ),
        ("select * from Invoice where Balance > 0", "4000", 'QueryParserError: Encountered " <INTEGER_LITERAL> "0 ""'),
        ("select * from Invoice where DocNumber = 'a' or DocNumber = 'b'", "4000", "QueryParserError: Encountered"),
        ("select * from Invoice where Id = ''", "2030", "Id should be a valid number. Supplied value:"),
        ("select * from Invoice where Id > '5'", "4001", "QueryValidationError: operator > is not supported"),
        (
            "select * from Invoice where TxnDate = 'a&b",
            "4000",
            'QueryParserError: Invalid content. Lexical error at line 1, column 43.  Encountered: <EOF> after : "\'',
        ),
        (
            "select * from Invoice where DocNumber %like '1'",
            "4000",
            'QueryParserError: Invalid content. Lexical error at line 1, column 39.  Encountered: "%" (37), after : ""',
        ),
        (
            "select * & from Invoice",
            "4000",
            'QueryParserError: Invalid content. Lexical error at line 1, column 11.  Encountered: " " (32), after : "&',
        ),
        (
            "select",
            "4000",
            'QueryParserError: Encountered "<EOF>" at line 1, column 6.\nWas expecting one of:\n    "*" ...',
        ),
        (
            "select * from ",
            "4000",
            'QueryParserError: Encountered "<EOF>" at line 1, column 13.\nWas expecting:\n    <IDENT',
        ),
        (
            "select * from Invoice where Id in ()",
            "4000",
            'QueryParserError: Encountered " ")" ") "" at line 1, column 36',
        ),
        (
            "select * from Invoice iterator",
            "4000",
            'QueryParserError: Encountered " "iterator" "iterator "" at line 1, col',
        ),
        ("select * from Customer where TxnDate between '1' and '2'", "4000", 'QueryParserError: Encountered " "betw'),
        (
            "select * from Invoice where TotalAmt > 0.5",
            "4000",
            'QueryParserError: Encountered " <DECIMAL_LITERAL> "0.5 ""',
        ),
        ("select * from ShipMethod", "4001", "QueryValidationError: Metadata not found for Entity: ShipMethod"),
        ("select * from Budgets", "4001", "QueryValidationError: invalid context declaration: Budgets"),
        (
            "select BillAddr from Customer",
            "4001",
            "QueryValidationError: Property BillAddr not found for Entity Customer",
        ),
        (
            "select * from Customer where CustomerTypeRef.value = '1'",
            "4001",
            "QueryValidationError: Property CustomerTypeRef.value not found for Entity Customer",
        ),
        ("select * from Customer where DisplayName", "4001", "QueryValidationError: operator = is not supported"),
        ("select * from Invoice where TxnDate > 'abc'", "4001", "QueryValidationError: value 'abc' is not valid"),
        (
            f"select * from Invoice where Id = '1' {'and Balance = false ' * 600}",
            "4001",
            "QueryValidationError: the state",
        ),
        ("", "10000", "System Failure Error: java.lang.NullPointerException"),
    ],
)
def test_refusals(books, statement, code, detail):
    found = books.error("GET", "query", query=statement)
    assert found[0] == code and found[1].startswith(detail)


def test_expected_words_are_the_recorded_ones(books):
    """Recorded for a quote that was not escaped, word for word."""
    _code, detail = books.error("GET", "query", query="select * from Customer where DisplayName = 'Cutlery 'R Us'")
    assert detail.split(".\n", 1)[1] == (
        'Was expecting one of:\n    <EOF> \n    <AND> ...\n    "iterator" ...\n    "maxresults" ...\n    <OR> ...\n'
        '    "order" ...\n    "orderby" ...\n    "startposition" ...\n    '
    )


def test_less_known_forms(books):
    assert len(books.rows("select from Customer maxresults 3")) == 3
    assert books.query("select count(*) from Customer where not Active") == {"totalCount": 0}
    assert books.query("select count(*) from Customer where Active")["totalCount"] == 40
    assert books.rows("select * from Customer where DisplayName like '%_akery%'") == []  # % is the only wildcard
    assert books.rows(f"select * from Customer where DisplayName like '{'%a' * 2900}'") == []
    assert books.rows("select * from Customer where not DisplayName like 'a%' and DisplayName like 'a%'") == []
    without = books.query("select count(*) from Customer where CompanyName = ' '")["totalCount"]
    assert without + books.query("select count(*) from Customer where CompanyName != ''")["totalCount"] == 40 > without
    assert books.query("select * from CompanyInfo")["totalCount"] == 1
    assert books.query("select count(*) from CompanyInfo") == {}


def test_a_statement_of_a_hundred_kilobytes(books):
    keys = ", ".join(f"'{number}'" for number in range(13000))
    answer = books.http.post(
        f"{books.url}/v3/company/{books.realm}/query",
        data=f"select count(*) from Invoice where Id in ({keys})",
        headers={"Content-Type": "application/text"},
        timeout=5,
    )
    assert answer.elapsed.total_seconds() < 2 and answer.json()["QueryResponse"] == {"totalCount": 120}


def test_unquoted_numbers_by_switch(books):
    books.control("switches", {"unquoted_numbers": True})
    try:
        assert books.query("select count(*) from Invoice where Balance > 0")["totalCount"] > 0
    finally:
        books.control("switches", {"unquoted_numbers": False})


def test_amounts_keep_their_cents(books):
    sums = sum(row["TotalAmt"] for row in books.rows("select * from Invoice maxresults 1000"))
    assert isinstance(sums, Decimal)
