-- Up Migration

-- The cold tier of history: one row an hour, symbol and source. The columns are the hour's candle, the payload is every
-- sample of it (src/openInterest/history/codec). Compaction moves rows of open_interest_snapshots here and is the only
-- writer; a sample (symbol, ts, source) that is here wins over one in open_interest_snapshots.
--
-- oi_* are contracts, usd_* and mark_price USD; *_open and *_close are the values of the hour's first and last sample,
-- usd_high and usd_low those of the known ones. null means unknown.
create table open_interest_hours (
  symbol       text             not null,
  hour         timestamptz      not null,
  source       text             not null,
  samples      integer          not null check (samples > 0),
  first_ts     timestamptz      not null,
  last_ts      timestamptz      not null,
  oi_open      double precision not null,
  oi_high      double precision not null,
  oi_low       double precision not null,
  oi_close     double precision not null,
  usd_open     double precision,
  usd_high     double precision,
  usd_low      double precision,
  usd_close    double precision,
  mark_price   double precision,
  funding_rate double precision,
  codec        smallint         not null,
  payload      bytea            not null,
  primary key (symbol, hour, source),
  constraint open_interest_hours_source
    check (source in ('realtime', 'snapshot', 'snapshot_legacy', 'backfill'))
) with (toast_tuple_target = 256);

-- Compressed already, and stored beside the table: a month of candles reads no payload.
alter table open_interest_hours alter column payload set storage external;

-- What the cold tier holds, by UTC day. Kept by compaction, so that nobody counts blocks to know it.
create table open_interest_cold_days (
  day           date        primary key,
  blocks        integer     not null,
  samples       bigint      not null,
  payload_bytes bigint      not null,
  compacted_at  timestamptz not null default now()
);

-- Down Migration
drop table open_interest_cold_days;
drop table open_interest_hours;
