"""The role of what a payment or a bank line writes off in its own entry, beside the payment itself."""

WRITTEN_OFF = "written_off"
