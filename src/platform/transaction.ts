import type pg from 'pg';
import { coerceError } from '../kit/errors.ts';
import type { Queryable } from './postgres.ts';

/**
 * Runs `work` in one transaction: all of it is committed, or none. On a fault the connection is thrown away rather
 * than put back, because after a timeout nobody knows what it is still doing.
 */
export async function inTransaction<Result>(
  pool: pg.Pool,
  work: (db: Queryable) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query('commit');
    client.release();
    return result;
  } catch (thrown) {
    // Closing the connection rolls back.
    client.release(coerceError(thrown));
    throw thrown;
  }
}
