"""Form fields: label, help, control, count of characters and errors, tied together for readers."""

from __future__ import annotations

from copy import copy
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.safestring import SafeString


def _kind(bound: BoundField) -> str:
    """Which frame the control needs: choice (one box), choices (a group), file, text."""
    widget = bound.field.widget
    if isinstance(widget, forms.CheckboxInput):
        return "choice"
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        return "choices"
    if isinstance(widget, forms.MultiWidget):
        return "parts"
    if isinstance(widget, forms.FileInput):
        return "file"
    if isinstance(widget, forms.Select):
        return "select"
    return "text"


def field_context(
    bound: BoundField,
    *,
    label: object = "",
    help: object = "",
    wide: bool = False,
    hide_label: bool = False,
    counter: bool = False,
    suffix: object = "",
) -> dict[str, Any]:
    """What components/field.html needs. Raises TypeError when ``bound`` is no form field, which
    is how a misspelt name in a template comes to light instead of an empty space.
    """
    if not isinstance(bound, BoundField):
        raise TypeError(f"{{% field %}} needs a form field, not {bound!r}")
    kind = _kind(bound)
    help_text = help or bound.help_text
    base = bound.auto_id or bound.html_name
    described = [f"{base}_help"] if help_text else []
    if bound.errors:
        described.append(f"{base}_errors")
    attrs: dict[str, Any] = {}
    if described:
        attrs["aria-describedby"] = " ".join(described)
    if bound.errors and kind not in ("choices", "parts"):
        attrs["aria-invalid"] = "true"
    length = getattr(bound.field, "max_length", None)
    counted = bool(counter and length and kind == "text")
    if counted:
        attrs["data-counted"] = f"{base}_count"
    if kind in ("text", "parts"):
        attrs["class"] = _merged(bound, "control")
    elif kind == "select":
        attrs["class"] = _merged(bound, "control control--select")
    elif kind == "file":
        attrs["class"] = _merged(bound, "control control--file")
    widget = bound.field.widget
    if isinstance(widget, forms.NumberInput):
        # type=number throws away what it cannot read and changes under the mouse wheel
        widget = copy(widget)
        widget.input_type = "text"
        attrs["inputmode"] = "decimal"
    control: SafeString = bound.as_widget(widget, attrs=attrs)
    return {
        "bound": bound,
        "kind": kind,
        "control": control,
        "label": label or bound.label,
        "help_text": help_text,
        "wide": wide,
        "hide_label": hide_label,
        "counted": counted,
        "length": length,
        "suffix": suffix,
        "base": base,
        "required": bound.field.required,
        "hidden": bound.is_hidden,
    }


def _merged(bound: BoundField, css: str) -> str:
    """Own classes of the widget and ours."""
    own = bound.field.widget.attrs.get("class", "")
    return f"{css} {own}".strip()
