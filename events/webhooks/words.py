"""Why a message was not delivered, in words."""

from django.utils.translation import gettext_lazy as _

FAULTS = {
    "host_unknown": _("The host could not be found."),
    "address_refused": _("The host points to an address that is not on the public internet."),
    "port_refused": _("This port may not be called."),
    "answer_too_slow": _("No whole answer within 15 seconds."),
    "call_failed": _("No connection, or its certificate is not valid."),
    "secret_lost": _("The secret can no longer be read. Make a new one."),
    "stopped": _("The webhook was stopped meanwhile."),
    "not_visible": _("The organisation may no longer see what it tells of."),
    "too_late": _("A day was over."),
}
