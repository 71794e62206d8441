-- Up Migration

-- The newest sample of every symbol, backfill left out: what a node reads when it starts and what it re-reads to repair
-- what the bus between nodes lost. Written by the ingest statement together with the history row, so the two cannot
-- disagree. updated_at is the time of the transaction and is indexed for "what changed since".
create table open_interest_latest (
  symbol            text             primary key,
  ts                timestamptz      not null,
  source            text             not null,
  open_interest     double precision not null,
  open_interest_usd double precision,
  mark_price        double precision,
  funding_rate      double precision,
  updated_at        timestamptz      not null default now()
);

create index open_interest_latest_updated_at on open_interest_latest (updated_at);

-- Down Migration
drop table open_interest_latest;
