import pg from 'pg';
import { getTypeParser } from '../../src/platform/database/postgres.ts';

/** A plain pool beside the product, to look at what is stored and to break it; reads values as the product does. */
export function createPool(options: { url: string; max?: number }): pg.Pool {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.max ?? 10,
    connectionTimeoutMillis: 10_000,
    query_timeout: 10_000,
    types: { getTypeParser },
  });
  pool.on('error', () => undefined);
  pool.on('connect', (client) => void client.on('error', () => undefined));
  return pool;
}
