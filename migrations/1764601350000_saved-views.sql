-- Up Migration

-- The saved views of a user, one row a user: at most 50 short texts that are read and replaced together. `views` is what
-- src/openInterest/views/views.types.ts describes; `version` grows with each change.
create table saved_views (
  user_id    text        primary key,
  views      jsonb       not null,
  version    integer     not null default 1,
  updated_at timestamptz not null default now()
);

-- Down Migration
drop table saved_views;
