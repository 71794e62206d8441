import type { Clock } from '../../kit/clock.ts';
import { coerceError } from '../../kit/errors.ts';
import type { Logger } from '../../kit/logger.ts';
import type { Redis } from '../../platform/redis/redis.ts';
import { latestPlausibleTs } from './plausible.ts';
import { sourceRank } from '../board/merge.ts';
import { Sample } from '../openInterest.types.ts';
import type { LiquidMember } from '../universe/universe.repository.ts';

const LATEST = 'oi:latest';
const UNIVERSE = 'oi:universe';
const UNIVERSE_META = 'oi:universe:meta';
const KEPT_SEC = 86_400;

/**
 * Input:  KEYS[1] the hash; ARGV[1] seconds to keep it; ARGV[2] the latest ts that can be true; then symbol, value, …
 * Output: how many symbols it replaced.
 * A value replaces the held one only if its first 15 characters (ts and rank) are greater, so chunks and nodes may
 * arrive in any order. A held value that cannot be one of ours is replaced: it would stay for good.
 */
const MERGE_NEWEST = `
local fields = {}
for i = 3, #ARGV, 2 do fields[#fields + 1] = ARGV[i] end
local held = redis.call('HMGET', KEYS[1], unpack(fields))
local ours = '^' .. string.rep('%d', 13) .. ':[0-3]:{'
local write = {}
for i = 1, #fields do
  local new = ARGV[2 * i + 2]
  local old = held[i]
  if not old or not string.match(old, ours) or string.sub(old, 1, 13) > ARGV[2]
    or string.sub(old, 1, 15) < string.sub(new, 1, 15) then
    write[#write + 1] = fields[i]
    write[#write + 1] = new
  end
end
if #write > 0 then redis.call('HSET', KEYS[1], unpack(write)) end
redis.call('EXPIRE', KEYS[1], ARGV[1])
return #write / 2
`;

/**
 * A copy of the board and of the liquid universe in Redis: warms a starting node and lets others read. Postgres has
 * the truth, so no step waits for the copy and a failure is only counted.
 *
 * `oi:latest`         hash   symbol -> `<ts, 13 digits>:<source rank>:<sample as JSON>`
 * `oi:universe`       set    symbols
 * `oi:universe:meta`  hash   symbol -> `{"quoteVolume24h":…,"enteredAt":…}`
 */
export function createRedisCopy(options: {
  /** `null`: one node alone, and every method does nothing. */
  redis: Redis | null;
  clock: Clock;
  logger: Logger;
  onFailure: () => void;
}) {
  const { redis, clock, logger, onFailure } = options;

  function report(thrown: unknown): void {
    onFailure();
    logger.debug({ err: coerceError(thrown) }, 'redis copy failed');
  }

  return {
    putSamples(samples: readonly Sample[]): void {
      if (redis === null || samples.length === 0) return;
      const pairs = samples.flatMap((sample) => [sample.symbol, encode(sample)]);
      const latestTs = sortable(latestPlausibleTs(clock.now()));
      redis.eval(MERGE_NEWEST, 1, LATEST, KEPT_SEC, latestTs, ...pairs).catch(report);
    },

    /** Forgets symbols that have left the board. */
    deleteSamples(symbols: readonly string[]): void {
      if (redis === null || symbols.length === 0) return;
      redis.hdel(LATEST, ...symbols).catch(report);
    },

    putUniverse(members: readonly LiquidMember[]): void {
      if (redis === null) return;
      const change = redis.multi().del(UNIVERSE, UNIVERSE_META);
      if (members.length > 0) {
        change.sadd(UNIVERSE, ...members.map((it) => it.symbol));
        change.hset(
          UNIVERSE_META,
          ...members.flatMap((it) => [
            it.symbol,
            JSON.stringify({ quoteVolume24h: it.quoteVolume24h, enteredAt: it.enteredAt.toISOString() }),
          ]),
        );
      }
      change.exec().catch(report);
    },

    /** The samples of the copy that can be read. Empty when Redis does not answer. */
    async selectSamples(): Promise<Sample[]> {
      if (redis === null) return [];
      try {
        const held = await redis.hgetall(LATEST);
        return Object.entries(held).flatMap(([symbol, value]) => decode(symbol, value));
      } catch (thrown) {
        report(thrown);
        return [];
      }
    },
  };
}

export type RedisCopy = ReturnType<typeof createRedisCopy>;

function encode(sample: Sample): string {
  return `${sortable(sample.ts)}:${sourceRank(sample.source)}:${JSON.stringify(sample)}`;
}

/** Compared as text, times of 13 digits are in the order of time until the year 2286. */
function sortable(ts: number): string {
  return String(ts).padStart(13, '0');
}

function decode(symbol: string, value: string): Sample[] {
  const body = /^\d{13}:\d:(.+)$/s.exec(value)?.[1];
  if (body === undefined) return [];
  try {
    const parsed = Sample.safeParse(JSON.parse(body));
    return parsed.success && parsed.data.symbol === symbol ? [parsed.data] : [];
  } catch {
    return [];
  }
}
