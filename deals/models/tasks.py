"""Tasks of cases, saved views of lists, and the address of a person's calendar."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from deals.models.cases import MAX_TITLE, Case
from marketplace.core.cleaning import plain_text
from marketplace.core.public_id import new_public_id


class CaseTask(models.Model):
    """Something to do. template: the code in the pipeline's stage that made it, "" by hand. A typed
    title stands in the column of its writer's language."""

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="tasks")
    title_en = models.CharField(max_length=MAX_TITLE, blank=True, validators=[plain_text])
    title_zh = models.CharField(max_length=MAX_TITLE, blank=True, validators=[plain_text])
    stage = models.CharField(max_length=30, blank=True)
    template = models.CharField(max_length=30, blank=True)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True,
        related_name="case_tasks",
    )  # fmt: skip
    due_on = models.DateField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    version = models.PositiveIntegerField(default=1, help_text=_("Rises with every change."))
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "stage", "template"],
                condition=~Q(template=""),
                name="case_task_of_template_once",
                violation_error_message=_("This stage has made its tasks."),
            ),
            models.CheckConstraint(
                condition=~Q(title_en="") | ~Q(title_zh=""),
                name="case_task_has_title",
                violation_error_message=_("Say what is to be done."),
            ),
        ]
        indexes = [
            # my day and the calendar
            models.Index(
                fields=["assignee", "due_on"],
                condition=Q(done_at__isnull=True),
                name="case_task_open",
            ),
            # the clock: reminders
            models.Index(
                fields=["due_on"], condition=Q(done_at__isnull=True), name="case_task_due"
            ),
        ]

    def __str__(self) -> str:
        return self.public_id


class CaseView(models.Model):
    """A list or board as a person narrowed it, by name."""

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="case_views"
    )
    name = models.CharField(max_length=80, validators=[plain_text])
    page = models.CharField(max_length=5, choices=[("list", _("list")), ("board", _("board"))])
    query = models.CharField(max_length=1000, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "name"],
                name="case_view_name_once",
                violation_error_message=_("You have a view of this name."),
            )
        ]

    def __str__(self) -> str:
        return self.name


class CalendarFeed(models.Model):
    """The secret in the address of a person's calendar, as a hash; renewed, the old one is dead."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="case_calendar"
    )
    digest = models.CharField(max_length=64, unique=True)
    renewed_at = models.DateTimeField(auto_now=True)
