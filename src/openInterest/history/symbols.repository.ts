import { z } from 'zod';
import { selectColumn, type Queryable } from '../../platform/database/postgres.ts';
import { partitionName } from './partitions.repository.ts';

/** SQL that lists the symbols of a tier: one probe of the primary key for each, where `distinct` would read every row. */

export function selectColdSymbols(db: Queryable): Promise<string[]> {
  return selectSymbols(db, 'open_interest_hours');
}

/** `day`: a UTC day that has a partition, such as `2026-11-20`. */
export function selectHotSymbols(db: Queryable, day: string): Promise<string[]> {
  return selectSymbols(db, partitionName(day));
}

function selectSymbols(db: Queryable, table: string): Promise<string[]> {
  return selectColumn(
    db,
    z.string(),
    `with recursive found as (
       (select symbol from ${table} order by symbol limit 1)
       union all
       select (select held.symbol from ${table} as held where held.symbol > found.symbol order by held.symbol limit 1)
       from found where found.symbol is not null
     )
     select symbol from found where symbol is not null`,
  );
}
