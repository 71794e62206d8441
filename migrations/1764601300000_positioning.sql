-- Up Migration

-- Positioning of the symbols that users look at, kept for a day. positioning_symbols: when a page last showed a symbol.
-- positioning_points: the exchange's five-minute data: longs over shorts of top traders by position and by account and of
-- all accounts, and the contracts that takers bought and sold; null: not reported.
create table positioning_symbols (
  symbol    text primary key,
  viewed_at timestamptz not null
);

create table positioning_points (
  symbol        text not null,
  ts            timestamptz not null,
  top_positions double precision,
  top_accounts  double precision,
  accounts      double precision,
  taker_bought  double precision,
  taker_sold    double precision,
  primary key (symbol, ts)
);

-- Forced orders per symbol and minute, in USD and number: longs that were sold, shorts that were bought back.
create table liquidation_minutes (
  symbol    text not null,
  minute    timestamptz not null,
  long_usd  double precision not null,
  short_usd double precision not null,
  longs     integer not null,
  shorts    integer not null,
  primary key (symbol, minute)
);

-- Down Migration
drop table liquidation_minutes;
drop table positioning_points;
drop table positioning_symbols;
