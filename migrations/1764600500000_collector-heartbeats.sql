-- Up Migration

-- The last thing each collector said of itself: jobs, weight used, bans, spool. Written by the heartbeat route, read by
-- doctor and the operator's page. body is the heartbeat as validated at the border.
create table collector_heartbeats (
  collector   text        primary key,
  body        jsonb       not null,
  received_at timestamptz not null default now()
);

-- Down Migration
drop table collector_heartbeats;
