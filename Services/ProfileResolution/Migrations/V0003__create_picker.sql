-- One passage of a browser through the picker, from redeeming its interaction until shortly after its end.
CREATE TABLE picker_interaction (
    id uuid PRIMARY KEY,
    -- SHA-256 of the cookie's value: a copy of this table lets nobody in.
    cookie_hash bytea NOT NULL UNIQUE CHECK (length(cookie_hash) = 32),
    person_id uuid NOT NULL,
    session_id uuid NOT NULL,
    acr smallint NOT NULL,
    client_name text NOT NULL,
    -- How the page greets the person; goes with the row.
    first_name text NOT NULL,
    last_name text NOT NULL,
    redeemed_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL CHECK (expires_at > redeemed_at),
    -- The origin of the portal, at which the redirects after the form end, and where she signs out.
    redirect_origin text NOT NULL,
    sign_out_url text NOT NULL,
    -- Where the browser goes on; set once authentication has taken the choice.
    resume_url text
);

CREATE INDEX picker_interaction_expires ON picker_interaction (expires_at);

-- Which profile was chosen; kept for as long as the audit trail is.
CREATE TABLE profile_choice (
    interaction_id uuid PRIMARY KEY,
    person_id uuid NOT NULL,
    session_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('citizen', 'profession', 'organisation')),
    profession text,
    organisation_id uuid,
    chosen_at timestamptz NOT NULL,
    CONSTRAINT profile_choice_has_parts_of_its_kind CHECK (
        (profession IS NOT NULL) = (kind = 'profession')
        AND (organisation_id IS NOT NULL) = (kind = 'organisation')
    )
);

CREATE INDEX profile_choice_session ON profile_choice (session_id);
