"""Kinds of events of the roof: what operators do."""

from django.utils.translation import gettext_lazy as _

from events.kinds import declare

JOB_RETRIED = declare("operations.job_retried", _("Job put back by an operator"))
JOBS_RETRIED = declare("operations.jobs_retried", _("Failed jobs put back by an operator"))
