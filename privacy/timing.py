"""When data goes. Every term that is promised in public stands here, and nowhere else."""

from datetime import UTC, date, datetime, time, timedelta

REQUEST_WITHIN = timedelta(days=30)
REQUEST_RUNS_BY = timedelta(days=23)  # a week is left for a run that needs somebody
CORRECTION_WITHIN = timedelta(days=30)
DISCONNECT_WITHIN = timedelta(days=90)
DISCONNECT_RUNS_ON = timedelta(days=83)
ENGAGEMENT_PLUS = timedelta(days=90)
BACKUPS_GO_WITHIN = timedelta(days=35)
NIGHTLY = time(2, 0, tzinfo=UTC)


def next_run(after: datetime) -> datetime:
    """The next nightly run."""
    tonight = datetime.combine(after.astimezone(UTC).date(), NIGHTLY)
    return tonight if tonight > after else tonight + timedelta(days=1)


def run_of_disconnect(delete_data_on: date) -> datetime:
    """The nightly run that takes what was disconnected: a week before the last day that was promised."""
    return datetime.combine(delete_data_on - (DISCONNECT_WITHIN - DISCONNECT_RUNS_ON), NIGHTLY)


def end_of(day: date) -> datetime:
    """The last moment of a day, in UTC."""
    return datetime.combine(day, time(23, 59, 59, tzinfo=UTC))
