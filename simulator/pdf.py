"""A one-page PDF of a document, written by hand: enough for a client that downloads and opens it."""

from simulator.money import Json


def _escape(text: str) -> str:
    plain = text.encode("latin-1", "replace").decode("latin-1")
    return plain.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


def document_pdf(company: str, title: str, body: Json) -> bytes:
    """Return a PDF that shows number, date, customer, lines and total."""
    rows = [company, f"{title} {body.get('DocNumber', body['Id'])}", f"Date {body.get('TxnDate', '')}",
            str(body.get("CustomerRef", {}).get("name", "")), ""]
    for line in body.get("Line", []):
        text = line.get("Description") or line.get("SalesItemLineDetail", {}).get("ItemRef", {}).get("name", "")
        if text or line.get("LinkedTxn"):
            rows.append(f"{text}  {line.get('Amount', '')}")
    rows += ["", f"Total {body.get('TotalAmt', '')}", f"Balance {body.get('Balance', '')}"]
    steps = "".join(f"({_escape(row)}) Tj T*\n" for row in rows[:50])
    stream = f"BT /F1 11 Tf 14 TL 56 780 Td\n{steps}ET".encode("latin-1")
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
               b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources "
               b"<< /Font << /F1 5 0 R >> >> >>", b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
               b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    data, places = b"%PDF-1.4\n", []
    for number, item in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, item)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return data + b"xref\n0 %d\n0000000000 65535 f \n%strailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1, table, len(objects) + 1, len(data))
