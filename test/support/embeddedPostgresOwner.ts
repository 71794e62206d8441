import pg from 'pg';
import { startEmbeddedPostgres } from '../../src/platform/embedded/embeddedPostgres.ts';

/**
 * A program that owns an embedded database, for specs that kill it: `embeddedPostgresOwner.js DIR`.
 * Prints the database as one JSON line, then writes row after row and prints each number once it is committed.
 */
const [dir] = process.argv.slice(2);
if (!dir) throw new Error('which folder?');

const postgres = await startEmbeddedPostgres({ dir });
console.log(JSON.stringify({ url: postgres.url, pid: postgres.pid }));

const client = new pg.Client({ connectionString: postgres.url });
await client.connect();
await client.query('create table if not exists written (n int primary key)');
for (let n = 1; n <= 1_000_000; n += 1) {
  await client.query('insert into written (n) values ($1::int)', [n]);
  console.log(n);
}
