-- Up Migration

-- The liquid universe: the USDT perpetuals with enough 24 h quote volume to be polled fast. The universe job replaces the
-- set; pollers, dashboards and doctor read it. quote_volume_24h is in USD. entered_at survives as long as the symbol stays.
create table open_interest_liquid_symbols (
  symbol           text             primary key,
  quote_volume_24h double precision not null,
  entered_at       timestamptz      not null,
  last_seen_at     timestamptz      not null
);

-- Who entered and who left, when and why. Written in the same transaction as the set, read by operators.
create table open_interest_liquid_journal (
  id               bigint           generated always as identity primary key,
  symbol           text             not null,
  event            text             not null check (event in ('entered', 'left')),
  reason           text             not null,
  quote_volume_24h double precision,
  at               timestamptz      not null default now()
);

create index open_interest_liquid_journal_at on open_interest_liquid_journal (at desc, id desc);

-- One row: when the set was last replaced and by which thresholds, as the job reported them.
create table open_interest_liquid_state (
  only_row        boolean          primary key default true check (only_row),
  updated_at      timestamptz      not null,
  enter_threshold double precision not null,
  exit_threshold  double precision not null
);

-- Down Migration
drop table open_interest_liquid_state;
drop table open_interest_liquid_journal;
drop table open_interest_liquid_symbols;
