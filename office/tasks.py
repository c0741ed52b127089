"""Tasks of the floor."""
from celery import shared_task

from office import jobs


@shared_task
def send_waiting_jobs() -> None:
    """Jobs whose message or worker was lost are sent again."""
    jobs.send_waiting()
