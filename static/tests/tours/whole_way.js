import { registry } from "@web/core/registry";
import { click, goTo, look } from "@qbo_sync/../tests/tours/steps";

const CUSTOMER = "Adelaide Flower Market";

/** From the overview: "Sync now", wait until the sync is done. */
function syncNow(description) {
    return [
        goTo("/odoo/quickbooks"),
        click("Sync now", ".o_qbo_overview a[name=action_open_sync_dialog]"),
        { content: "Say why", trigger: ".modal .o_field_widget[name=description] input", run: `edit ${description}` },
        click("Sync", ".modal button[name=action_sync]"),
        look("The sync is done", ".o_form_view .o_statusbar_status:has(.o_arrow_button_current:contains(Done))"),
        look("Its description is kept", `.o_form_view .o_field_widget[name=name]:contains(${description})`),
    ];
}

/** Open the first invoice whose row shows something. */
function openInvoice(row) {
    return [
        goTo("/odoo/action-account.action_move_out_invoice"),
        click("Open the invoice", `.o_data_row:contains(${row}) td[name=name]`),
    ];
}

function newInvoice(tax) {
    const taxSteps = tax
        ? [
              click("Taxes of the line", "div[name=invoice_line_ids] .o_selected_row td[name=tax_ids]"),
              {
                  content: "Choose the tax",
                  trigger: "div[name=invoice_line_ids] .o_selected_row td[name=tax_ids] input",
                  run: `edit ${tax}`,
              },
              click("Take the tax", `.o-autocomplete--dropdown-item a:contains(${tax})`),
          ]
        : [];
    // The browser remembers the column that the first invoice switched on.
    const columnSteps = tax
        ? []
        : [
              click("Columns", "div[name=invoice_line_ids] .o_optional_columns_dropdown_toggle"),
              click("Product", ".o-dropdown-item input[name=product_id]"),
              click("Close", "div[name=invoice_line_ids] .o_optional_columns_dropdown_toggle"),
          ];
    return [
        goTo("/odoo/action-account.action_move_out_invoice/new"),
        {
            content: "Choose the customer",
            trigger: "div[name=partner_id] input",
            run: `edit ${CUSTOMER}`,
        },
        click("Take the customer", `.o-autocomplete--dropdown-item a:contains(${CUSTOMER})`),
        ...columnSteps,
        click("Add a line", "div[name=invoice_line_ids] .o_field_x2many_list_row_add a"),
        {
            content: "Choose the product",
            trigger: "div[name=invoice_line_ids] .o_selected_row .o_list_many2one[name=product_id] input",
            run: "edit Lawn Care",
        },
        click("Take the product", ".o-autocomplete--dropdown-item a:contains(Lawn Care)"),
        ...taxSteps,
        click("Set the price", "div[name=invoice_line_ids] .o_selected_row td[name=price_unit]"),
        {
            content: "Type the price",
            trigger: "div[name=invoice_line_ids] .o_selected_row div[name=price_unit] input",
            run: "edit 100",
        },
        click("Post it", "button[name=action_post]"),
        look("It is posted", ".o_statusbar_status:has(.o_arrow_button_current:contains(Posted))"),
    ];
}

/** From the badge in the top bar: approve everything that waits. */
function approve(row, picture) {
    return [
        click("What waits for me", ".o_qbo_systray"),
        click("To approve", ".o_qbo_systray_approval"),
        look("It waits in the Sync Center", `.o_list_view .o_data_row:contains(${row})`, picture && "tour_sync_center"),
        click("Approve", "button[name=action_open_approval_wizard]"),
        look("The dialog shows what changes", `.modal .o_data_row:contains(${row})`, picture && "tour_approval"),
        click("Approve what is ticked", ".modal button[name=action_approve]"),
        look("It crosses", ".o_notification:contains(approved)"),
    ];
}

registry.category("web_tour.tours").add("qbo_sync_whole_way", {
    steps: () => [
        // Connect, through the consent page.
        look("Three steps and one button", ".o_qbo_overview .btn:contains(Connect)", "tour_overview_before"),
        click("Connect", ".o_qbo_overview .btn:contains(Connect)"),
        click("To QuickBooks", "button[name=action_open_connect]", { expectUnloadPage: true }),
        look("Connected", ".o_statusbar_status:has(.o_arrow_button_current:contains(Connected))", "tour_connected"),
        click("Activate", "button[name=action_activate]"),
        look("Active", ".o_statusbar_status:has(.o_arrow_button_current:contains(Active))"),

        // Forty customers arrive.
        goTo("/odoo/quickbooks"),
        look("The overview shows the sync", ".o_qbo_overview .o_qbo_tile:contains(A/R difference)", "tour_overview"),
        goTo("/odoo/action-account.res_partner_action_customer?view_type=list"),
        look("The customers arrived", `.o_data_row:contains(${CUSTOMER}) .o_qbo_badge:contains(Synced)`, "tour_customers"),
        look("All of them", ".o_pager_limit:contains(40)"),

        // A phone number changes there and comes here.
        click("Open one", `.o_data_row:contains(${CUSTOMER}) td[name=complete_name]`),
        look("Linked", "button[name=action_qbo_open]", "tour_customer"),
        click("Its page in QuickBooks", "button[name=action_qbo_open]", { expectUnloadPage: true }),
        ...syncNow("Phone numbers"),
        look("The history tells it", ".o_form_view .o_data_row:contains(taken over)", "tour_run"),
        goTo("/odoo/action-account.res_partner_action_customer?view_type=list"),
        look("The phone number came", `.o_data_row:contains(${CUSTOMER}):contains(555-0100)`),

        // An invoice goes there, after approval, and is paid there.
        ...newInvoice(),
        ...syncNow("First invoice"),
        ...approve("INV/", true),
        ...openInvoice(CUSTOMER),
        look("Synced", ".o_form_view .o_qbo_badge:contains(Synced)", "tour_invoice"),
        click("Its page in QuickBooks", "button[name=action_qbo_open]", { expectUnloadPage: true }),
        ...syncNow("Payments"),
        ...openInvoice("Paid"),
        look("Paid", ".ribbon:contains(Paid)", "tour_invoice_paid"),

        // A tax has no counterpart: find the problem, map it, and it goes.
        ...newInvoice("City tax 8 %"),
        ...syncNow("Second invoice"),
        click("What waits for me", ".o_qbo_systray"),
        click("Problems", ".o_qbo_systray_problem"),
        look("The cause is in words", ".o_group_name:contains(City tax 8 %)", "tour_problems"),
        click("Retry or skip", "button[name=action_open_retry_wizard]"),
        look("Cause and way out", ".modal .o_data_row:contains(City tax 8 %)", "tour_retry"),
        click("Close", ".modal .btn-close"),
        click("Map it", "button[name=action_fix]:contains(Map it)"),
        click("In QuickBooks", ".o_data_row:contains(City tax) td[name=reference_id]"),
        {
            content: "Type to search",
            trigger: ".o_selected_row td[name=reference_id] input",
            run: "edit California",
        },
        click("Choose", ".o-autocomplete--dropdown-item a:contains(California)"),
        click("Save", ".o_list_button_save"),
        look("Mapped", ".o_data_row:contains(City tax) .badge:contains(Mapped)", "tour_mapping"),
        ...syncNow("Again"),
        ...approve("INV/", false),
        goTo("/odoo/quickbooks-problems"),
        look("No problem is left", ".o_view_nocontent:contains(No problems)", "tour_no_problems"),
        goTo("/odoo/quickbooks"),
        look("Both invoices stand in A/R", ".o_qbo_ar:contains(108.00)"),
        look("A/R is equal", ".o_qbo_ar .text-success", "tour_overview_after"),
    ],
});
