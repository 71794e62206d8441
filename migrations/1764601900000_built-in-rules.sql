-- Up Migration

-- Which of the collector's own alerts a user's channels receive, one row a user. `rule` is what
-- src/openInterest/rules/builtInRule.types.ts describes; `version` grows with each change.
create table built_in_rules (
  user_id    text        primary key,
  rule       jsonb       not null,
  version    integer     not null default 1,
  updated_at timestamptz not null default now()
);

-- Down Migration
drop table built_in_rules;
