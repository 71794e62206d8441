/**
 * The store's tables. Each entry migrates from one version to the next; a store of an earlier build is migrated when it is
 * opened. Times are epoch ms.
 */
const VERSIONS: readonly string[] = [
  `
  -- Samples and alerts that wait for the server, in order of arrival. The rows of a chunk are sent in one body and deleted
  -- together, so that a retry sends the same bytes.
  create table item (
    id integer primary key,
    lane text not null,
    chunk integer not null,
    at integer not null,
    body text not null
  ) strict;
  create index item_by_chunk on item (chunk);

  -- appended = delivered + refused + dead + dropped + waiting, always: changed in the transaction of its cause.
  create table tally (name text primary key, value integer not null) strict, without rowid;

  -- The readings of the last hour, which the alert detector compares with, also after a restart.
  create table reading (
    symbol text not null,
    ts integer not null,
    open_interest real not null,
    mark_price real,
    primary key (symbol, ts)
  ) strict, without rowid;

  -- Which alerts have fired, and when last: written together with the alert.
  create table alert_state (
    symbol text not null,
    timeframe text not null,
    direction text not null,
    is_fired integer not null,
    fired_at integer,
    primary key (symbol, timeframe, direction)
  ) strict, without rowid;

  -- Gaps without samples that are still to be filled from the exchange's history.
  create table gap (
    symbol text not null,
    from_ts integer not null,
    to_ts integer not null,
    primary key (symbol, from_ts)
  ) strict, without rowid;

  -- Single JSON values, such as the last universe.
  create table keepsake (name text primary key, json text not null) strict, without rowid;
  `,
];

export const SCHEMA_VERSION = VERSIONS.length;

/** Migrates from `version` to the present one. */
export function schemaSql(version: number): readonly string[] {
  return VERSIONS.slice(version);
}
