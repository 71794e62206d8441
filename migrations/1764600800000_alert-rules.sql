-- Up Migration

-- The alert rules of users. `rule` is the rule as its user wrote it (src/openInterest/rules/rules.types.ts); `version`
-- grows with each change, and a firing names the version that fired.
create table alert_rules (
  id         uuid        primary key default gen_random_uuid(),
  user_id    text        not null,
  rule       jsonb       not null,
  version    integer     not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create index alert_rules_user_id on alert_rules (user_id, created_at);

-- What a rule remembers of a symbol; without a row it is armed and has never fired. Written in the transaction that stores
-- the firings, so that a restart neither repeats nor forgets one. peak_pct: the change that fired last since the rule was
-- armed, in percent; held_back: a crossing is waiting for the end of the cooldown.
create table alert_rule_states (
  rule_id       uuid             not null references alert_rules on delete cascade,
  symbol        text             not null,
  armed         boolean          not null,
  held_back     boolean          not null,
  peak_pct      double precision,
  last_fired_at timestamptz,
  primary key (rule_id, symbol)
);

-- Firings outlive their rule. A rule fires once for one sample: fired_at is the sample's time.
create table alert_firings (
  id            uuid        primary key,
  user_id       text        not null,
  rule_id       uuid        not null,
  rule_version  integer     not null,
  rule_name     text        not null,
  symbol        text        not null,
  change_window text        not null check (change_window in ('5m', '15m', '30m', '1h', '4h', '24h')),
  direction     text        not null check (direction in ('up', 'down')),
  fired_at      timestamptz not null,
  quiet         boolean     not null,
  evidence      jsonb       not null,
  unique (rule_id, symbol, fired_at)
);

create index alert_firings_user_id on alert_firings (user_id, fired_at desc, id desc);
create index alert_firings_fired_at on alert_firings (fired_at);

-- The node that evaluates the rules, at most one row. It renews its lease every few seconds and loses it without.
create table alert_evaluator (
  only_row   boolean     primary key default true check (only_row),
  node       text        not null,
  renewed_at timestamptz not null
);

-- The source changed its unit or its method: many symbols moved by the same factor at once. No rule fires until an operator
-- has confirmed it, and no rule compares with a sample older than valid_from afterwards.
create table alert_method_changes (
  id           bigint           generated always as identity primary key,
  factor       double precision not null,
  symbols      integer          not null,
  of_symbols   integer          not null,
  detected_at  timestamptz      not null,
  valid_from   timestamptz      not null,
  confirmed_at timestamptz
);

-- Down Migration
drop table alert_method_changes;
drop table alert_evaluator;
drop table alert_firings;
drop table alert_rule_states;
drop table alert_rules;
