import { registry } from "@web/core/registry";
import { BadgeField, badgeField } from "@web/views/fields/badge/badge_field";

/** The status badge, with a sentence on hovering: what, since when, what happens next. */
export class QboBadgeField extends BadgeField {
    static template = "qbo_sync.QboBadgeField";
}

export const qboBadgeField = {
    ...badgeField,
    component: QboBadgeField,
    supportedTypes: ["selection"],
    fieldDependencies: [{ name: "qbo_tooltip", type: "char" }],
};

registry.category("fields").add("qbo_badge", qboBadgeField);
