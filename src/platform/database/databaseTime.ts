import { z } from 'zod';
import { selectValue, type Queryable } from './postgres.ts';

/** The database's time: the one clock that all nodes share. */
export function selectDatabaseTime(db: Queryable): Promise<Date> {
  return selectValue(db, z.date(), 'select now()');
}

/** The earlier of `now`, a node's time, and the database's: a node whose clock is ahead must not delete what is within retention. */
export async function selectAgreedTime(db: Queryable, now: number): Promise<number> {
  return Math.min(now, (await selectDatabaseTime(db)).getTime());
}
