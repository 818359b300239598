\startpipeline
SELECT id, version, status, profession FROM dossier WHERE person_id = '{person}'::uuid ORDER BY id;
SELECT id, version, organisation_id, role, status = 'ended', starts_on, ends_on FROM known_right WHERE person_id = '{person}'::uuid ORDER BY id;
SELECT id, name, status = 'stopped' FROM known_organisation WHERE id IN (SELECT organisation_id FROM known_right WHERE person_id = '{person}'::uuid);
SELECT EXISTS (SELECT FROM known_mandate WHERE holder_person_id = '{person}'::uuid AND status = 'active' AND starts_on <= '{today}'::date AND (ends_on IS NULL OR ends_on >= '{today}'::date));
SELECT DISTINCT organisation_id FROM known_right WHERE person_id = '{person}'::uuid AND EXISTS (SELECT FROM known_mandate WHERE holder_organisation_id = known_right.organisation_id AND status = 'active' AND starts_on <= '{today}'::date AND (ends_on IS NULL OR ends_on >= '{today}'::date));
SELECT EXISTS (SELECT FROM parked WHERE source = 'organisation-rights') OR EXISTS (SELECT FROM position WHERE source = 'organisation-rights' AND state = 'halted');
\endpipeline
