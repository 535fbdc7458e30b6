{
    "name": "QuickBooks Online Sync",
    "summary": "Keep Odoo and QuickBooks Online saying the same, to the cent",
    "version": "19.0.1.0.0",
    "category": "Accounting/Accounting",
    "license": "LGPL-3",
    "author": "QBO Sync contributors",
    "website": "https://github.com/qbo-sync/qbo_sync",
    "depends": ["account", "product"],
    "external_dependencies": {
        "python": ["python-quickbooks", "intuit-oauth", "openpyxl", "rapidfuzz", "cryptography"],
    },
    "data": [
        "security/qbo_sync_groups.xml",
        "security/ir.model.access.csv",
        "security/qbo_sync_rules.xml",
        "data/error_guide.xml",
        "views/oauth_templates.xml",
        "views/res_config_settings_views.xml",
    ],
    "application": True,
    "installable": True,
}
