-- Up Migration

-- The last change of what a subject may do, which tokens issued before it cannot know: another tier, or revoked
-- altogether. Written by POST /api/access/changes; read whole when a node starts and by changed_at every minute, to
-- repair what the bus between nodes lost. One row a subject: an older change has no say once there is a newer one.
create table access_changes (
  sub        text        primary key,
  tier       text        check (tier in ('free', 'pro', 'elite')),
  revoked    boolean     not null,
  changed_at timestamptz not null default now(),
  check (revoked = (tier is null))
);

create index access_changes_changed_at on access_changes (changed_at);

-- Down Migration
drop table access_changes;
