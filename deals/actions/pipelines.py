"""Add pipelines of cases. For operators, by `manage.py add_pipeline`."""

from collections.abc import Sequence

from django.db import transaction

from deals import case_states as states
from deals import event_kinds
from deals.models import AddedPipeline, Case
from deals.pipelines import Faults, Pipeline, read
from deals.queries import pipelines as queries
from events.actions import record
from marketplace.core.actor import Actor


@transaction.atomic
def add_pipelines(
    *, actor: Actor, texts: Sequence[str], only_check: bool = False
) -> list[Pipeline]:
    """Store documents (YAML) together, or none; one of a code that is there takes its place.

    Raises Faults with everything that is wrong, also when a stage would vanish in which a case is
    that is not closed.
    """
    made: dict[str, tuple[Pipeline, str]] = {}
    faults: list[str] = []
    for place, text in enumerate(texts, 1):
        try:
            found = read(text)
        except Faults as error:
            faults += [f"file {place}, {fault}" if len(texts) > 1 else fault
                       for fault in error.found]  # fmt: skip
            continue
        if found.code in made:
            faults.append(f"file {place}, code: {found.code} is in another of these files, too")
        made[found.code] = (found, text)
    for code, (line, _text) in made.items():
        held = Case.objects.filter(pipeline=code).exclude(state=states.CLOSED).order_by()
        held = held.exclude(stage__in=[stage.code for stage in line.stages])
        faults += [
            f"stages: cases stand in {stage}, which {code} would no longer have"
            for stage in sorted(held.values_list("stage", flat=True).distinct())
        ]
    if faults:
        raise Faults(faults)
    if not only_check:
        for code, (_line, text) in made.items():
            AddedPipeline.objects.update_or_create(code=code, defaults={"document": text})
            record(
                event_kinds.PIPELINES_CHANGED, actor=actor, object_type="pipeline", object_id=code
            )
        transaction.on_commit(queries.forget)
    return [line for line, _text in made.values()]
