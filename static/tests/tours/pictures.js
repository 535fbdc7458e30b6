import { registry } from "@web/core/registry";
import { click, goTo, look } from "@qbo_sync/../tests/tours/steps";

const VIEW = ".o_view_controller";

function screen(name, url, trigger = VIEW) {
    return [goTo(url), look(name, trigger, name)];
}

/** The screens one after the other, with the rows of an ordinary Tuesday; the same on a desk and on a phone. */
registry.category("web_tour.tours").add("qbo_sync_pictures", {
    steps: () => [
        ...screen("overview", "/odoo/quickbooks", ".o_qbo_overview .o_qbo_tile"),
        ...screen("sync_center", "/odoo/quickbooks-sync-center", `${VIEW}:contains(Amy)`),
        click("Approve", "button[name=action_open_approval_wizard]"),
        look("approval", ".modal button[name=action_approve]", "approval"),
        click("Close", ".modal-footer button:contains(Cancel)"),
        ...screen("problems", "/odoo/quickbooks-problems", `${VIEW}:contains(Cool Cars)`),
        click("Retry or skip", "button[name=action_open_retry_wizard]"),
        look("retry", ".modal button[name=action_retry]", "retry"),
        click("Close", ".modal-footer button:contains(Cancel)"),
        ...screen("problems", "/odoo/quickbooks-problems", `${VIEW}:contains(Cool Cars)`),
        click("Decide", "button[name=action_decide_fields]"),
        click("Odoo's date", ".modal tr:contains(date) button[name=action_odoo], .modal .o_kanban_record:contains(date) button[name=action_odoo]"),
        look("conflict", ".modal .badge:contains(Odoo)", "conflict"),
        click("Close", ".modal-footer button:contains(Cancel)"),
        ...screen("history", "/odoo/quickbooks-history"),
        ...screen("mappings", "/odoo/quickbooks-mappings", `${VIEW}:contains(Landscaping)`),
        ...screen("connection", "/odoo/quickbooks-connections"),
        goTo("/odoo/quickbooks-taxes"),
        click("Open it", ".o_data_row td[name=date_from], .o_kanban_record"),
        look("taxes", `${VIEW}:contains(INV/2026/00042)`, "taxes"),
        ...screen("bank", "/odoo/quickbooks-bank"),
        ...screen("not_brought_over", "/odoo/quickbooks-not-brought-over"),
        ...screen("invoices", "/odoo/action-account.action_move_out_invoice", `${VIEW}:contains(Amy)`),
    ],
});
