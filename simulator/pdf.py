"""A one-page PDF of a document: enough for a client that downloads and opens it."""

from io import BytesIO

from reportlab.pdfgen.canvas import Canvas  # type: ignore[import-untyped]

from simulator.money import Json


def document_pdf(company: str, title: str, body: Json) -> bytes:
    """Return a PDF that shows number, date, customer or vendor, lines and total."""
    party = body.get("CustomerRef") or body.get("VendorRef") or {}
    details = [(line.get("Description") or line.get("SalesItemLineDetail", {}).get("ItemRef", {}).get("name", ""),
                line.get("Amount", "")) for line in body.get("Line", [])]
    data = BytesIO()
    page = Canvas(data, pdfVersion=(1, 4), pageCompression=0)
    text = page.beginText(56, 780)
    text.textLines([company, f"{title} {body.get('DocNumber', body['Id'])}", f"Date {body.get('TxnDate', '')}",
                    party.get("name", ""), "", *(f"{label}  {amount}" for label, amount in details[:45]), "",
                    f"Total {body.get('TotalAmt', '')}", f"Balance {body.get('Balance', '')}"])
    page.drawText(text)
    page.save()
    return data.getvalue()
