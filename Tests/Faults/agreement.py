"""What holds once everything has arrived: numbers without gaps, chains, and readers that know what was told."""

from support.suite import psql
from tooling.settings import AUTHENTICATION, MANDATE_REGISTRY, ORGANISATION_RIGHTS, PROFILE_RESOLUTION

SOURCES = [service.schema for service in (AUTHENTICATION, PROFILE_RESOLUTION, MANDATE_REGISTRY, ORGANISATION_RIGHTS)]

KEPT = [
    ("profile_resolution.known_mandate", "mandate_registry", "mandate"),
    ("profile_resolution.known_organisation", "organisation_rights", "organisation"),
    ("profile_resolution.known_right", "organisation_rights", "right"),
    ("mandate_registry.grantor_dossier", "profile_resolution", "care-provider"),
    ("mandate_registry.organisation", "organisation_rights", "organisation"),
    ("mandate_registry.organisation_right", "organisation_rights", "right"),
    ("mandate_registry.mandate", "mandate_registry", "mandate"),
    ("organisation_rights.organisation", "organisation_rights", "organisation"),
    ("organisation_rights.granted_right", "organisation_rights", "right"),
    ("organisation_rights.access_manager", "organisation_rights", "access-manager"),
]
"""Which tables have the aggregates of which source and kind, with their versions: readers' and the sources' own."""


def gaps(schema: str) -> list[str]:
    """Partitions whose numbers are not all there."""
    # What ended is not kept for ever: the oldest events of that stream are gone, and none between the others.
    return psql(f"""
        SELECT head.source, head.partition FROM {schema}.outbox_head AS head
        LEFT JOIN {schema}.outbox USING (source, partition) GROUP BY head.source, head.partition, head.sequence
        HAVING count(outbox.sequence) <> head.sequence + 1 - coalesce(min(outbox.sequence), head.sequence + 1)
            OR coalesce(max(outbox.sequence), head.sequence) <> head.sequence
            OR head.source <> 'access' AND coalesce(min(outbox.sequence), 1) <> 1
        """)


def unchained(schema: str) -> list[str]:
    """Events that do not name the one before them."""
    return psql(f"""
        SELECT source, partition, sequence FROM (
            SELECT source, partition, sequence, previous_id,
                lag(event_id) OVER (PARTITION BY source, partition ORDER BY sequence) AS before
            FROM {schema}.outbox) AS event
        WHERE previous_id IS DISTINCT FROM before AND (source <> 'access' OR before IS NOT NULL)
        """)


def heads() -> str:
    return " UNION ALL ".join(
        f"SELECT source, partition, sequence, event_id FROM {schema}.outbox_head" for schema in SOURCES)


def positions() -> str:
    return " UNION ALL ".join(
        f"SELECT '{schema}' AS reader, projection, source, partition, sequence, event_id, state FROM {schema}.position"
        for schema in SOURCES)


def not_applied() -> list[str]:
    """Projections that stand elsewhere than at the last event of their source."""
    return psql(f"""
        WITH head AS ({heads()}), position AS ({positions()})
        SELECT reader, projection, position.partition, position.sequence, head.sequence, state
        FROM position JOIN head USING (source, partition)
        WHERE position.sequence <> head.sequence OR position.event_id IS DISTINCT FROM head.event_id
            OR position.state <> 'running'
        """)


def different() -> list[str]:
    """Aggregates that a table has in another version than was told last, has though they were taken back, or lacks."""
    found = []
    for table, source, kind in KEPT:
        found += psql(f"""
            WITH told AS (
                SELECT DISTINCT ON (key) key AS id, (envelope::jsonb->>'aggregateversion')::bigint AS version, type
                FROM {source}.outbox WHERE type LIKE '{kind}.%' ORDER BY key, sequence DESC)
            SELECT '{table}', id, told.type, told.version, kept.version
            FROM told FULL JOIN {table} AS kept USING (id)
            WHERE CASE WHEN told.type LIKE '%.voided' THEN kept.version IS NOT NULL
                ELSE kept.version IS DISTINCT FROM told.version END
            """)
    return found
