import { Component, useEffect } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

const PERIOD = 2000;

/** Reloads the form of what the worker was asked for while it waits or works; stops when it has ended or the form is left. */
export class QboLiveRun extends Component {
    static template = "qbo_sync.QboLiveRun";
    static props = { ...standardWidgetProps };

    setup() {
        useEffect(
            (working) => {
                if (!working) {
                    return;
                }
                let left = false;
                let timer;
                const follow = async () => {
                    await this.props.record.load();
                    if (!left) {
                        timer = setTimeout(follow, PERIOD);
                    }
                };
                timer = setTimeout(follow, PERIOD);
                return () => {
                    left = true;
                    clearTimeout(timer);
                };
            },
            () => [this.isWorking]
        );
    }

    get isWorking() {
        return ["asked", "queued", "running"].includes(this.props.record.data.state);
    }
}

registry.category("view_widgets").add("qbo_live_run", {
    component: QboLiveRun,
    fieldDependencies: [{ name: "state", type: "selection" }],
});
