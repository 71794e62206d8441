-- Up Migration

-- Spikes and dumps as a detector reported them. Written by alert ingest, read by the alert query, by dashboards after a
-- reconnect, and by the other nodes (created_at) when the bus between them is down. The unique key is what makes sending
-- an alert again harmless.
--
-- baseline, current and abs_change are contracts; pct_change, price_change and funding_rate are fractions (0.034 = 3.4 %).
create table open_interest_alerts (
  id           bigint           generated always as identity primary key,
  symbol       text             not null,
  direction    text             not null check (direction in ('UP', 'DOWN')),
  timeframe    text             not null,
  baseline     double precision not null,
  current      double precision not null,
  pct_change   double precision not null,
  abs_change   double precision not null,
  price_change double precision,
  funding_rate double precision,
  source       text             not null,
  ts           timestamptz      not null,
  created_at   timestamptz      not null default now(),
  unique (symbol, direction, timeframe, ts, source)
);

create index open_interest_alerts_ts on open_interest_alerts (ts desc, id desc);
create index open_interest_alerts_symbol_ts on open_interest_alerts (symbol, ts desc, id desc);
create index open_interest_alerts_created_at on open_interest_alerts (created_at);

-- Down Migration
drop table open_interest_alerts;
