import { onWillStart, useEffect, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { listView } from "@web/views/list/list_view";
import { ListRenderer } from "@web/views/list/list_renderer";

/** A list with a line above it that says how many of its mappings are made, proposed, doubtful or missing. */
export class QboMappingRenderer extends ListRenderer {
    static template = "qbo_sync.MappingListRenderer";

    setup() {
        super.setup();
        this.orm = useService("orm");
        this.report = useState({ total: 0 });
        onWillStart(() => this.loadReport());
        // A button reads the list again; a row that is edited changes its own record only.
        let first = true;
        useEffect(
            () => {
                if (!first) {
                    this.loadReport();
                }
                first = false;
            },
            () => [this.props.list, this.props.list.records.map((record) => record.data.state).join()]
        );
    }

    async loadReport() {
        Object.assign(this.report, await this.orm.call("qbo.mapping", "get_report", [this.props.list.domain]));
    }
}

registry.category("views").add("qbo_mapping_list", { ...listView, Renderer: QboMappingRenderer });
