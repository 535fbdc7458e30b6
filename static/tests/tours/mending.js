import { registry } from "@web/core/registry";
import { click, goTo, look } from "@qbo_sync/../tests/tours/steps";

function edit(content, trigger, value) {
    return { content, trigger, run: `edit ${value}` };
}

/** What a bookkeeper puts right on an ordinary day: mappings, a conflict, a bounced payment, taxes, rates. */
registry.category("web_tour.tours").add("qbo_sync_mending", {
    steps: () => [
        // All proposals at once.
        goTo("/odoo/quickbooks-mappings"),
        look("A proposal waits", ".o_data_row:contains(Tucson) .badge:contains(Proposed)", "tour_mappings_before"),
        click("Accept", "button[name=action_accept_all_certain]"),
        look("It is mapped", ".o_data_row:contains(Tucson) .badge:contains(Mapped)", "tour_mappings_after"),
        look("The line above counts it", ".o_qbo_mapping_report:not(:contains(proposed))"),

        // A conflict, field by field.
        goTo("/odoo/quickbooks-problems"),
        click("Decide", ".o_data_row:contains(Acme) button[name=action_decide_fields]"),
        look("Nothing is chosen yet", ".modal:contains(still to be chosen: 2)"),
        click("Odoo's phone", ".modal .o_data_row:contains(phone) button[name=action_odoo]"),
        look("One is left", ".modal:contains(still to be chosen: 1)"),
        click("QuickBooks' notes", ".modal .o_data_row:contains(notes) button[name=action_qbo]"),
        click("Decide", ".modal button[name=action_decide]"),
        look("No problem is left", ".o_view_nocontent:contains(No problems)"),

        // A payment bounced.
        goTo("/odoo/action-account.action_account_payments"),
        click("Open the payment", ".o_data_row:contains(108) td[name=name]"),
        click("It bounced", "button[name=action_open_bounce]"),
        look("It says what is open again", ".modal div[name=reopened]:contains(INV/)", "tour_bounce"),
        click("Book it", ".modal button[name=action_bounce]"),
        look("The return is an entry", ".o_data_row:contains(108)"),

        // Taxes of both books; the page follows the worker.
        goTo("/odoo/quickbooks-taxes/new"),
        click("From", "div[name=date_from] .o_input, div[name=date_from] button"),
        edit("The whole year", "div[name=date_from] input", "01/01/2026"),
        click("Compare", "button[name=action_compare]:contains(Compare)"),
        look("Both books say the same", ".o_field_widget[name=difference] .text-success, .o_field_widget[name=difference].text-success", "tour_taxes"),
        look("By month", ".o_data_row:contains(March 2026):contains(8.00)"),

        // QuickBooks' exchange rates of today.
        goTo("/odoo/quickbooks-connections"),
        click("The connection", ".o_data_row td[name=name]"),
        click("Its rules", "a.nav-link[name=rules]"),
        click("Rates", "button[name=action_open_rates_dialog]"),
        click("Import", ".modal button[name=action_import]"),
        look("Asked for", "body:not(:has(.modal)) .o_form_view"),
    ],
});
