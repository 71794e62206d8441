import { z } from 'zod';
import { selectRow, type Queryable } from './postgres.ts';

/** The database's time: the one clock that all nodes share. */
export async function selectDatabaseTime(db: Queryable): Promise<Date> {
  const { now } = await selectRow(db, z.object({ now: z.date() }), 'select now() as now');
  return now;
}
