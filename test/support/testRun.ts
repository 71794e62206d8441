/**
 * What the global setup hands to the spec files, which run in processes of their own: addresses in the environment.
 */
const DATABASE = 'TEST_RUN_POSTGRES_URL';
const REDIS = 'TEST_RUN_REDIS_URL';

/** Every spec's database is a clone of this one, which has the migrated schema and no rows. */
export const TEMPLATE_DATABASE = 'template_app';

export function announceTestRun(run: { postgresUrl: string; redisUrl: string }): void {
  process.env[DATABASE] = run.postgresUrl;
  process.env[REDIS] = run.redisUrl;
}

/** The run's cluster, as its superuser, on the database `postgres`. */
export function testPostgresUrl(): string {
  return given(DATABASE);
}

/** The run's Redis, shared by all spec files: use keys and channels of your own, or `startRedisServer()`. */
export function testRedisUrl(): string {
  return given(REDIS);
}

function given(name: string): string {
  const value = process.env[name];
  if (!value)
    throw new Error(`${name} is not set: run specs by npm run test:jest, whose global setup sets it`);
  return value;
}
