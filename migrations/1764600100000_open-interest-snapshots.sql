-- Up Migration

-- The history: every sample that was ever accepted, once. The ingest statement is the only writer; history, samples,
-- trace and the lookup of the newest sample at or before a moment are the readers.
--
-- Partitioned by UTC day, because removing a day is then dropping a table instead of deleting three million rows. The
-- server makes partitions ahead and drops them past retention. There is no default partition on purpose: rows in it
-- would keep later partitions from being made.
--
-- open_interest is in contracts (units of the base asset), open_interest_usd and mark_price in USD, funding_rate a
-- fraction per funding interval. null means unknown; zero means zero.
create table open_interest_snapshots (
  symbol            text             not null,
  ts                timestamptz      not null,
  source            text             not null,
  open_interest     double precision not null,
  open_interest_usd double precision,
  mark_price        double precision,
  funding_rate      double precision,
  created_at        timestamptz      not null default now(),
  primary key (symbol, ts, source),
  constraint open_interest_snapshots_source
    check (source in ('realtime', 'snapshot', 'snapshot_legacy', 'backfill'))
) partition by range (ts);

-- Samples are ordered by ts, then by this rank. The server's own order (openInterest.merge.ts) is the same one.
create function open_interest_source_rank(source text) returns smallint
  language sql immutable strict parallel safe
  return case source
    when 'realtime' then 3
    when 'snapshot' then 2
    when 'snapshot_legacy' then 1
    else 0
  end::smallint;

-- Down Migration
drop function open_interest_source_rank(text);
drop table open_interest_snapshots;
