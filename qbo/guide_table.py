"""What an error of QuickBooks means and what to do about it, in the words of a bookkeeper.

A pure table in English; the Odoo side turns it into records that can be translated and extended. Codes and texts:
Intuit, "Error codes", and answers recorded from the service. 2500 and 610 look alike to a person (something that the
document uses is gone) but differ in what helps: 2500 needs another mapping, 610 mostly a record made active again.
"""

from .guide_entry import Guide, same

GUIDES: tuple[Guide, ...] = (
    # ------------------------------------------------------------------ connection and rights
    Guide(
        "100",
        "QuickBooks did not accept the sign-in of this connection.",
        "Press Reconnect and sign in to QuickBooks again. Nothing is lost; the sync goes on where it stopped.",
        "reconnect",
    ),
    Guide(
        "120",
        "The QuickBooks user who made the connection no longer has the right to use this company.",
        "Let a QuickBooks administrator of the company press Reconnect, or give that user administrator rights again.",
        "reconnect",
    ),
    *same(
        ("130", "140", "150"),
        "QuickBooks refused access because of the rights of the user who made the connection.",
        "Let a QuickBooks administrator of the company press Reconnect.",
        "reconnect",
    ),
    Guide(
        "3100",
        "The connection does not have access to this QuickBooks company: it was disconnected in QuickBooks, or made "
        "with the keys of another environment.",
        "Press Reconnect and choose the same company. If that does not help, let the administrator compare the "
        "environment (sandbox or production) with the keys of the app.",
        "reconnect",
    ),
    Guide(
        "3200",
        "The access to QuickBooks has run out and could not be renewed.",
        "Press Reconnect and sign in to QuickBooks again. Nothing is lost.",
        "reconnect",
    ),
    Guide(
        "5020",
        "The QuickBooks user who made the connection may not do this.",
        "Let a QuickBooks administrator of the company press Reconnect, or give that user the right in QuickBooks.",
        "reconnect",
    ),
    Guide(
        "6190",
        "The QuickBooks subscription has ended, was cancelled, or has a billing problem. QuickBooks can be read but "
        "accepts nothing new.",
        "Renew the subscription or settle the bill in QuickBooks, then retry. Everything waits here until then.",
        "retry",
    ),
    Guide(
        "invalid_grant",
        "The permission for this company has ended: it was withdrawn in QuickBooks, not used for 100 days, or is more "
        "than five years old.",
        "Press Reconnect and choose the same company. All links between records are kept.",
        "reconnect",
    ),
    Guide(
        "invalid_grant",
        "The user who made the connection is no longer a member of this QuickBooks company.",
        "Let a current administrator of the QuickBooks company press Reconnect.",
        "reconnect",
        pattern=r"not a member|user_not_in_realm",
    ),
    Guide(
        "invalid_grant",
        "The page that came back from QuickBooks was used twice, or came too late.",
        "Press Connect again and finish the sign-in without going back in the browser.",
        "reconnect",
        pattern=r"authorization code",
    ),
    Guide(
        "invalid_client",
        "QuickBooks does not know the client ID, or the client secret is wrong.",
        "Let the administrator copy both again from the app's page at Intuit, for the right environment, and connect.",
        "reconnect",
    ),
    Guide(
        "unauthorized_client",
        "The Intuit app of this connection may not be used for this company.",
        "Let the administrator check the app's keys and environment, then connect again.",
        "reconnect",
    ),
    Guide(
        "access_denied",
        "The permission was not given: somebody pressed Cancel on the page of QuickBooks, or QuickBooks refused it.",
        "Press Connect again and agree. You must be an administrator of the QuickBooks company.",
        "reconnect",
    ),
    Guide(
        "invalid_scope",
        "The Intuit app of this connection is not allowed to use the accounting data.",
        "Let the administrator switch on the accounting scope on the app's page at Intuit, then connect again.",
        "reconnect",
    ),
    Guide(
        "invalid_request",
        "QuickBooks did not accept the sign-in request, mostly because the return address is not registered.",
        "Let the administrator register the return address shown in the settings on the app's page at Intuit.",
        "reconnect",
    ),
    Guide(
        "state",
        "The page that came back from QuickBooks does not belong to a sign-in that was started here.",
        "Press Connect in this database and finish the sign-in in the same browser.",
        "reconnect",
    ),
    Guide(
        "state_expired",
        "More than ten minutes passed between pressing Connect and agreeing in QuickBooks.",
        "Press Connect again.",
        "reconnect",
    ),
    Guide(
        "host",
        "The address is not one of QuickBooks, so nothing was sent.",
        "Let the administrator check the environment of the connection and, for a simulator, its address.",
        "none",
    ),
    # ------------------------------------------------------------------ network and service
    Guide(
        "unreachable",
        "QuickBooks could not be reached. Nothing was sent.",
        "Nothing to do: it is tried again by itself. If it lasts, check the internet connection of the server.",
        "retry",
    ),
    Guide(
        "certificate",
        "The secure connection to QuickBooks could not be checked. Nothing was sent.",
        "Let the administrator check the clock, the certificates and the proxy of the server.",
        "retry",
    ),
    Guide(
        "unknown_outcome",
        "The connection broke before QuickBooks answered, so it is not known whether the change was stored.",
        "Nothing to do: it is sent again in a way that cannot store it twice.",
        "retry",
    ),
    Guide(
        "malformed",
        "QuickBooks sent an answer that could not be read.",
        "Nothing to do: it is tried again by itself, in a way that cannot store anything twice.",
        "retry",
    ),
    Guide(
        "3001",
        "Too many requests were sent to QuickBooks within a minute.",
        "Nothing to do: the sync waits a minute and goes on.",
        "wait",
    ),
    Guide(
        "10000",
        "QuickBooks itself had a problem.",
        "It is tried again by itself. If it lasts for hours, look at Intuit's status page and retry later.",
        "retry",
    ),
    Guide(
        "500",
        "QuickBooks does not offer this operation for this kind of record.",
        "Do it by hand in QuickBooks, or skip it here.",
        "none",
    ),
    Guide(
        "600",
        "QuickBooks took this for a repetition of another request.",
        "Retry: it is then sent as a new request.",
        "retry",
    ),
    Guide("1040", "Too many records were sent at once.", "Retry: smaller portions are sent.", "retry"),
    Guide(
        "2130",
        "QuickBooks did not accept the mark by which it recognises a repeated request.",
        "Retry: a new mark is made.",
        "retry",
    ),
    Guide(
        "http_413",
        "The file or document is too large for QuickBooks.",
        "Make it smaller (fewer lines, a smaller file) and retry.",
        "check_data",
    ),
    Guide(
        "4000",
        "A question to QuickBooks could not be understood because of an unusual character in a name or number.",
        "Look for unusual characters in the name or number of the record, correct it and retry.",
        "check_data",
    ),
    Guide(
        "4001",
        "QuickBooks does not allow this search.",
        "Retry. If it fails again, skip the record and tell the administrator.",
        "retry",
    ),
    # ------------------------------------------------------------------ references and lists
    Guide(
        "610",
        "Something that this record uses in QuickBooks was deleted or made inactive: a customer, product, account or "
        "the record itself.",
        "Make it active again in QuickBooks and retry, or link to another one.",
        "reactivate",
    ),
    Guide(
        "610",
        "The transaction was deleted in QuickBooks.",
        "Decide: create it there again, link to another transaction, or leave it deleted.",
        "link",
        pattern=r"deleted this transaction",
    ),
    Guide(
        "620",
        "The payment or credit cannot be connected with the document: it has no open balance left, belongs to another "
        "customer, or is gone.",
        "Compare customer and open balance of both in QuickBooks, correct them and retry.",
        "check_data",
    ),
    Guide(
        "700",
        "The parent of this record does not fit in QuickBooks.",
        "Check the parent company, parent account or parent category and retry.",
        "check_data",
    ),
    Guide(
        "800",
        "It cannot be deleted in QuickBooks because other records depend on it.",
        "Remove or change in QuickBooks what depends on it, then retry.",
        "check_data",
    ),
    Guide(
        "2500",
        "The account, product, tax, class or customer that this record is mapped to does not exist in QuickBooks.",
        "Choose another one on the mapping screen; the waiting records then go on by themselves.",
        "map",
    ),
    Guide(
        "5010",
        "Somebody changed the record in QuickBooks at the same time.",
        "Compare both versions and choose, or retry: changes to different fields are joined by themselves.",
        "retry",
    ),
    Guide(
        "6140",
        "This number is already used by another document in QuickBooks.",
        "If that is the same document, link to it. If not, give one of the two another number and retry.",
        "renumber",
    ),
    Guide(
        "6180",
        "QuickBooks allows five levels of sub-customers, sub-accounts or sub-products; this would be the sixth.",
        "Move the record to a higher level and retry.",
        "check_data",
    ),
    Guide(
        "6220",
        "The record cannot be made inactive in QuickBooks because it still has a balance.",
        "Settle the balance first (payment, credit note or write-off), then retry.",
        "check_data",
    ),
    Guide(
        "6240",
        "QuickBooks already has a customer, vendor or employee (or a product or account) of this name; each name may "
        "occur only once.",
        "If it is the same one, link to it. If not, change one of the two names and retry.",
        "rename",
    ),
    Guide(
        "6250",
        "The customer of this document is missing in QuickBooks or is no customer there.",
        "Link the customer to the right QuickBooks customer and retry.",
        "link",
    ),
    Guide(
        "6430",
        "The account is of a kind that QuickBooks does not allow here.",
        "Map another account (for example an income account for products that are sold) and retry.",
        "map",
    ),
    # ------------------------------------------------------------------ figures and fields
    Guide(
        "2000",
        "A field of the record is not valid for QuickBooks.",
        "Read QuickBooks' own message, correct the record and retry.",
        "check_data",
    ),
    Guide(
        "2010",
        "The record holds something that QuickBooks does not know or does not allow in this company.",
        "Read QuickBooks' own message; often a feature (classes, departments, currencies) is switched off there.",
        "check_data",
    ),
    Guide(
        "2020",
        "Something that QuickBooks needs is missing.",
        "Read in QuickBooks' own message what is missing, complete the record and retry.",
        "check_data",
    ),
    Guide(
        "2030",
        "The QuickBooks ID stored here is not a valid one.",
        "Link the record to the right QuickBooks record.",
        "link",
    ),
    Guide(
        "2050",
        "A text is too long for QuickBooks.",
        "Shorten the text named in QuickBooks' own message and retry.",
        "check_data",
    ),
    Guide("2060", "A date is not valid for QuickBooks.", "Correct the date and retry.", "check_data"),
    Guide("2070", "A number is not valid for QuickBooks.", "Correct the quantity or rate and retry.", "check_data"),
    *same(
        ("2080", "2090", "2100", "2110"),
        "An amount is not valid for QuickBooks.",
        "Correct the amount and retry.",
        "check_data",
    ),
    *same(
        ("2140", "2200"),
        "A web address is not valid for QuickBooks.",
        "Correct the web address and retry.",
        "check_data",
    ),
    Guide(
        "2170",
        "A choice (for example a kind of account or product) is not one that QuickBooks offers.",
        "Choose another value on the record or its mapping and retry.",
        "check_data",
    ),
    Guide("2210", "An e-mail address is not valid.", "Correct the e-mail address and retry.", "check_data"),
    Guide(
        "2220",
        "The currency is not one that this QuickBooks company uses.",
        "Add the currency in QuickBooks (Settings, Currencies) or use another one, then retry.",
        "check_data",
    ),
    Guide(
        "2240",
        "An amount is negative where QuickBooks allows only positive ones.",
        "Use the opposite kind of document, for example a credit note instead of a negative invoice.",
        "check_data",
    ),
    Guide("2250", "The document has no lines.", "Add at least one line with an amount and retry.", "check_data"),
    Guide(
        "2290",
        "The amount is negative, which QuickBooks does not allow for this kind of document.",
        "Use the opposite kind of document, for example a credit note instead of a negative invoice.",
        "check_data",
    ),
    Guide(
        "2300",
        "Debits and credits of the journal entry are not equal.",
        "Make them equal in the currency of the entry, to two decimals, and retry.",
        "check_data",
    ),
    Guide(
        "6070",
        "On one line the amount is not quantity times price.",
        "Check quantity, price, discount and rounding of the lines and retry.",
        "check_data",
    ),
    Guide("6080", "The customer or vendor has no name.", "Enter a name and retry.", "check_data"),
    Guide(
        "6090",
        "The discount cannot be booked in QuickBooks as it is.",
        "Check the discount of the document, and that discounts are switched on in QuickBooks (Settings, Sales).",
        "check_data",
    ),
    Guide(
        "6100",
        "In a US company a line is either taxable or not; this line carries another tax code.",
        "Map the tax of the line to taxable (TAX) or not taxable (NON).",
        "map",
    ),
    Guide(
        "6270",
        "The date lies before the day on which QuickBooks began to count the stock of one of the products.",
        "Use a later date, or change the start of inventory of that product in QuickBooks.",
        "check_data",
    ),
    Guide(
        "6420",
        "The document is marked to be e-mailed by QuickBooks but has no e-mail address.",
        "Enter the customer's e-mail address and retry.",
        "check_data",
    ),
    Guide(
        "6530",
        "The record holds a card number, which QuickBooks does not accept for safety.",
        "Remove the card number from the text and retry.",
        "check_data",
    ),
    # ------------------------------------------------------------------ bookkeeping
    Guide(
        "6000",
        "A rule of QuickBooks' bookkeeping forbids this.",
        "Correct what QuickBooks names and retry, or do the same by hand in QuickBooks: its page often says more.",
        "check_data",
    ),
    Guide(
        "6000",
        "The document has no amount.",
        "Enter an amount on at least one line and retry.",
        "check_data",
        pattern=r"transaction amount",
    ),
    Guide(
        "6000",
        "The document that this one shall be connected with no longer exists in QuickBooks.",
        "Look for it in QuickBooks and link to the right one, or remove the connection.",
        "link",
        pattern=r"trying to link does not exist",
    ),
    Guide(
        "6000",
        "QuickBooks could not work out the sales tax, mostly because an address is incomplete.",
        "Complete the customer's and your own address, check the tax of the lines, and retry.",
        "check_data",
        pattern=r"calculating tax",
    ),
    Guide(
        "6000",
        "An entry on accounts receivable or payable needs a customer or vendor on that line.",
        "Choose the customer or vendor on the line and retry.",
        "check_data",
        pattern=r"Accounts (?:Receivable|Payable).*must choose",
    ),
    Guide(
        "6000",
        "A journal entry needs at least two lines.",
        "Complete the entry and retry.",
        "check_data",
        pattern=r"at least two detail lines",
    ),
    Guide(
        "6000",
        "Somebody was editing names in QuickBooks at the same moment.",
        "Retry.",
        "retry",
        pattern=r"one name at a time",
    ),
    Guide(
        "6000",
        "QuickBooks itself had a problem with this record.",
        "Retry later. If it fails again, try the same by hand in QuickBooks: its page often says more.",
        "retry",
        pattern=r"Unexpected Internal Error",
    ),
    *same(
        ("6200", "6210"),
        "The date lies in a period that is closed in QuickBooks.",
        "Change the date, or open the period in QuickBooks (Settings, Advanced, Accounting) for a moment, and retry.",
        "open_period",
    ),
    Guide(
        "6480",
        "The transaction is matched with a line of the bank feed in QuickBooks.",
        "Undo the match on the banking page of QuickBooks, then retry.",
        "undeposit",
    ),
    Guide(
        "6540",
        "The payment is part of a bank deposit in QuickBooks and cannot be changed.",
        "Take it out of the deposit in QuickBooks, then retry. Afterwards put it back.",
        "undeposit",
    ),
    Guide(
        "unknown",
        "QuickBooks refused this for a reason that is not in the list of known errors.",
        "Read QuickBooks' own message and retry after correcting it.",
        "check_data",
    ),
)
