"""What went wrong with a source, in words for the operator who looks after it."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

TROUBLES: dict[str, str | Promise] = {
    "host_unknown": _("The host could not be found. Check the address for a typing error."),
    "address_refused": _(
        "The address is not on the public internet and may not be called. A network of your own "
        "can be opened by the setting HTTP_CLIENT_ALLOWED_NETWORKS."
    ),
    "answer_too_large": _(
        "The answer was larger than 10 MB. Ask for a smaller set, or for smaller pages."
    ),
    "answer_too_slow": _("The answer took longer than a minute. We try again later."),
    "call_failed": _("The other side did not answer. We try again later."),
    "moved": _("The address has moved. Enter the new one; moves are not followed by themselves."),
    "key_refused": _("The other side does not let us in. Check the key, or ask for access."),
    "not_found": _("There is nothing at this address. Check it."),
    "busy": _("The other side asked us to come back later, and we do."),
    "server_error": _("The other side has a fault of its own. We try again later."),
    "http_status": _("The other side answered with a status that we do not know what to do with."),
    "xml_unsafe": _(
        "The answer holds document types or entities, which could fill the machine. It was not "
        "read."
    ),
    "not_xml": _("The answer is no XML. Is this the base address of the repository?"),
    "not_oai": _("The answer is no OAI-PMH. Is this the base address of the repository?"),
    "oai_format": _("The repository does not offer Dublin Core (oai_dc)."),
    "oai_set": _("The repository has no sets. Leave the set empty."),
    "oai_error": _("The repository refused the request."),
    "not_json": _("The answer is no JSON. Check the address."),
    "not_nasa": _("The answer holds no list “results”. Check the address."),
    "not_feed": _("The answer is no JSON Feed. Check the address."),
    "other_host": _("The next page of the feed lies at another address. It was not called."),
    "repeats": _("The source names the same page again and again. The run was stopped."),
    "too_many_pages": _(
        "The source has more pages than we read in one run. Ask for a smaller set."
    ),
    "starts_over": _("The source forgets our place in its list again and again."),
    "key_unreadable": _(
        "The stored key cannot be read any more, since SECRET_KEY has changed. Enter the key again."
    ),
    "import_running": _("Another import of the same source is running. We try again later."),
    "internal": _("A fault of ours; it is in the log. We try again later."),
}


def words_for(code: str) -> str:
    """The sentence of a code in the reader's language; "" for none."""
    return str(TROUBLES.get(code, TROUBLES["internal"])) if code else ""
