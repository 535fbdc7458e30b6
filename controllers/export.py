"""The history of a sync as a workbook."""

from io import BytesIO

from odoo.fields import Datetime
from odoo.http import Controller, content_disposition, request, route
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FILLS = {"success": "E2F0D9", "warning": "FFF2CC", "error": "F8CBAD"}
WIDTHS = (20, 14, 14, 16, 22, 90)


class QboHistoryExport(Controller):
    @route("/qbo_sync/run/<int:run_id>/export", type="http", auth="user", methods=["GET"], readonly=True)
    def export_run(self, run_id):
        """Answer with the messages of one run; record rules decide who may read it."""
        run = request.env["qbo.run"].browse(run_id).exists()
        if not run or not run.has_access("read"):
            raise request.not_found()
        content = _workbook(run)
        name = request.env._("QuickBooks sync %(number)s.xlsx", number=run.id)
        return request.make_response(
            content,
            [
                ("Content-Type", XLSX),
                ("Content-Length", str(len(content))),
                ("Content-Disposition", content_disposition(name)),
            ],
        )


def _workbook(run):
    """Return the bytes of a workbook with a summary and one coloured row a message."""
    env = run.env
    book = Workbook()
    sheet = book.active
    sheet.title = env._("History")
    for label, value in _summary(run):
        sheet.append([label, _safe(value)])
    sheet.append([])
    sheet.append(
        [env._("Time"), env._("Level"), env._("Origin"), env._("Direction"), env._("Entity"), env._("Message")]
    )
    header = sheet.max_row
    for cell in sheet[header]:
        cell.font = Font(bold=True)
    for message in run.message_ids:
        _append_message(sheet, message)
    for index, width in enumerate(WIDTHS, start=1):
        sheet.column_dimensions[get_column_letter(index)].width = width
    sheet.freeze_panes = sheet.cell(row=header + 1, column=1)
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def _summary(run):
    env = run.env
    return [
        (env._("Sync"), run.name),
        (env._("Company"), run.company_id.name),
        (env._("Started by"), run.user_id.name),
        (env._("Started"), _local(run, run.started_at)),
        (env._("Ended"), _local(run, run.ended_at)),
        (env._("In"), run.in_count),
        (env._("Out"), run.out_count),
        (env._("Warnings"), run.warning_count),
        (env._("Failed"), run.failed_count),
        (env._("Requests"), run.request_count),
    ]


def _append_message(sheet, message):
    labels = {
        name: dict(message._fields[name]._description_selection(message.env))
        for name in ("level", "origin", "direction", "entity")
    }
    sheet.append(
        [
            _local(message, message.create_date),
            *(labels[name].get(message[name], "") for name in ("level", "origin", "direction", "entity")),
            _safe(message.text),
        ]
    )
    row = sheet[sheet.max_row]
    row[-1].alignment = Alignment(wrap_text=True, vertical="top")
    if message.level in FILLS:
        for cell in row:
            cell.fill = PatternFill("solid", fgColor=FILLS[message.level])


def _local(record, moment):
    """Return a moment in the user's zone; a workbook has no zones."""
    if not moment:
        return ""
    return Datetime.context_timestamp(record, moment).replace(tzinfo=None)


def _safe(value):
    """Return text that a spreadsheet shows and never runs: names come from outside and may begin like a formula."""
    text = value if isinstance(value, str) else ("" if value is False or value is None else value)
    if isinstance(text, str) and text[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{text}"
    return text
