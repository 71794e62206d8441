-- Up Migration

-- What the newest token of a user with alert rules allowed. Rules are evaluated while no page is open, so a tier that ended
-- or rose without an access change is known from the next token of its user alone. issued_at: its `iat`.
create table alert_user_access (
  user_id   text        primary key,
  tier      text        not null check (tier in ('free', 'pro', 'elite')),
  role      text        not null check (role in ('user', 'admin')),
  issued_at timestamptz not null
);

-- Down Migration
drop table alert_user_access;
