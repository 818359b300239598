-- The living instances and what their versions of the program can work on. One that is not renewed does not count.
CREATE TABLE lease_member (
    owner uuid PRIMARY KEY,
    scopes text[] NOT NULL,
    expires_at timestamptz NOT NULL
);

-- Who does a piece of work. A lease lives as long as its owner does, by the clock of this server, so the row is written
-- only when it changes hands. The epoch is the fencing token: raised whenever the lease changes hands, and kept nowhere
-- else, so that nothing can part from it. Whoever works under a lease locks the row FOR KEY SHARE in the transaction of
-- its effect, if the epoch is still its own; whoever takes a lease locks it FOR UPDATE.
CREATE TABLE lease (
    scope text NOT NULL CHECK (scope <> ''),
    partition integer NOT NULL CHECK (partition BETWEEN 0 AND 31),
    owner uuid,
    epoch bigint NOT NULL DEFAULT 0 CHECK (epoch >= 0),
    -- Since when nobody has it, where it was given back.
    freed_at timestamptz NOT NULL DEFAULT '-infinity',
    PRIMARY KEY (scope, partition)
);
CREATE INDEX lease_owner ON lease (owner) WHERE owner IS NOT NULL;
