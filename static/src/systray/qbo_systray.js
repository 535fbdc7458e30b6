import { Component, onWillStart, useState } from "@odoo/owl";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { registry } from "@web/core/registry";
import { useBus, useService } from "@web/core/utils/hooks";

// Without a live bus the counts follow when the user goes to another screen, but not more often than this.
const STALE = 30000;

/** What waits for the user: records to approve, and problems. Who approves nothing sees nothing. */
export class QboSystray extends Component {
    static template = "qbo_sync.QboSystray";
    static components = { Dropdown, DropdownItem };
    static props = [];

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.state = useState({ counts: false });
        this.fetchedAt = 0;
        const bus = this.env.services.bus_service;
        bus?.subscribe("qbo_sync/counts", () => this.fetch());
        useBus(this.env.bus, "ACTION_MANAGER:UI-UPDATED", () => {
            if (this.state.counts && Date.now() - this.fetchedAt > STALE) {
                this.fetch();
            }
        });
        onWillStart(() => this.fetch());
    }

    get total() {
        return this.state.counts.approval + this.state.counts.problem;
    }

    async fetch() {
        this.fetchedAt = Date.now();
        this.state.counts = await this.orm.silent.call("qbo.backend", "get_systray_count", []);
    }

    open(xmlid) {
        this.action.doAction(xmlid, { clearBreadcrumbs: true });
    }
}

registry.category("systray").add("qbo_sync.systray", { Component: QboSystray }, { sequence: 30 });
