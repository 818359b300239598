-- The instances that share the work of a group; one that is not renewed does not count.
CREATE TABLE lease_member (
    lease_group text NOT NULL CHECK (lease_group <> ''),
    owner uuid NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (lease_group, owner)
);

-- Who may do a piece of work until when, by the clock of this server. A higher epoch fences off earlier owners.
CREATE TABLE lease (
    lease_group text NOT NULL CHECK (lease_group <> ''),
    unit text NOT NULL CHECK (unit <> ''),
    owner uuid,
    epoch bigint NOT NULL DEFAULT 0 CHECK (epoch >= 0),
    expires_at timestamptz NOT NULL DEFAULT '-infinity',
    PRIMARY KEY (lease_group, unit)
) WITH (fillfactor = 50);
