import { describe, expect, it } from '@jest/globals';
import type { MarkPriceRow } from '../../../../src/collector/binance/binance.types.ts';
import { createStream, type LinkOptions } from '../../../../src/collector/streams/stream.ts';
import { createOutbound } from '../../../../src/collector/outbound/outbound.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../../src/kit/clock.ts';
import { createFakeClock } from '../../../support/fakeClock.ts';
import { silentLogger } from '../../../support/silentLogger.ts';

const ROW: MarkPriceRow = { e: 'markPriceUpdate', E: 1, s: 'BTCUSDT', p: 93_041, i: 93_040, r: 0.0001, T: 2 };

/** Connections whose messages and ends the test controls. */
function aStream(random: () => number = () => 1) {
  const clock = createFakeClock();
  const opened: (LinkOptions<MarkPriceRow> & { at: number; closed: boolean })[] = [];
  let rows = 0;
  const stream = createStream<MarkPriceRow>({
    name: 'mark price stream',
    url: 'ws://exchange',
    clock,
    outbound: createOutbound({}),
    random,
    logger: silentLogger,
    onRows: (given) => (rows += given.length),
    open(options) {
      const link = { ...options, at: clock.now(), closed: false };
      opened.push(link);
      return { close: () => (link.closed = true) };
    },
  });
  stream.start();
  return { clock, opened, stream, rows: () => rows };
}

describe('stream of the exchange', () => {
  it('reconnects after a random part of a wait that doubles up to a minute', () => {
    const { clock, opened } = aStream();
    const waits: number[] = [];
    for (let failed = 0; failed < 8; failed += 1) {
      const endedAt = clock.now();
      opened.at(-1)!.onEnd('refused');
      clock.advance(MINUTE_MS);
      waits.push((opened.at(-1)!.at - endedAt) / SECOND_MS);
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
    expect(opened).toHaveLength(9);
  });

  it('reconnects within a second after each disconnect if prices arrived for ten seconds before', () => {
    const { clock, opened } = aStream();
    for (let cut = 0; cut < 10; cut += 1) {
      opened.at(-1)!.onRows([ROW]);
      clock.advance(10 * SECOND_MS);
      opened.at(-1)!.onEnd('cut off');
      clock.advance(SECOND_MS);
      expect(opened).toHaveLength(cut + 2);
    }
  });

  it('spreads reconnects evenly over the wait, down to 0', () => {
    const draws = [0, 0.25, 0.5];
    const { clock, opened } = aStream(() => draws.shift() ?? 1);
    opened[0]!.onEnd('refused');
    clock.advance(0);
    expect(opened).toHaveLength(2);
    opened[1]!.onEnd('refused');
    clock.advance(499);
    expect(opened).toHaveLength(2);
    clock.advance(1);
    expect(opened).toHaveLength(3);
  });

  it('replaces an old connection without a gap', () => {
    const { clock, opened, stream, rows } = aStream(() => 0.5);
    opened[0]!.onRows([ROW]);
    clock.advance(22 * HOUR_MS);
    expect(opened).toHaveLength(2);
    expect(opened[0]!.closed).toBe(false);
    // Both speak until the new one has had time for all of its messages.
    opened[0]!.onRows([ROW]);
    opened[1]!.onRows([ROW]);
    opened[0]!.onRows([ROW]);
    expect(rows()).toBe(4);
    clock.advance(2 * SECOND_MS);
    expect(opened[0]!.closed).toBe(true);
    expect(opened[1]!.closed).toBe(false);
    expect(stream.connection()).toMatchObject({ connected: true, reconnectAttempts: 0 });
    clock.advance(23 * HOUR_MS);
    expect(opened).toHaveLength(3);
  });

  it('keeps the old connection until its replacement sends rows', () => {
    const { clock, opened, stream } = aStream(() => 0);
    opened[0]!.onRows([ROW]);
    clock.advance(23 * HOUR_MS);
    opened[1]!.onEnd('silent');
    clock.advance(0);
    expect(opened).toHaveLength(3);
    expect(opened[0]!.closed).toBe(false);
    expect(stream.connection().connected).toBe(true);
    expect(stream.fault()).toBeNull();
    opened[2]!.onRows([ROW]);
    clock.advance(2 * SECOND_MS);
    expect(opened[0]!.closed).toBe(true);
  });

  it('opens one connection, not two, when the old one ends while its replacement connects', () => {
    const { clock, opened, stream } = aStream(() => 0);
    opened[0]!.onRows([ROW]);
    clock.advance(23 * HOUR_MS);
    opened[0]!.onEnd('closed by the exchange (1001)');
    clock.advance(MINUTE_MS);
    expect(opened).toHaveLength(2);
    expect(stream.connection().connected).toBe(false);
    expect(stream.fault()).toContain('1001');
    opened[1]!.onRows([ROW]);
    expect(stream.connection().connected).toBe(true);
    expect(stream.fault()).toBeNull();
  });

  it('does not count a connection that opens and stays silent as a success', () => {
    const { clock, opened, stream } = aStream();
    for (let failed = 0; failed < 4; failed += 1) {
      opened.at(-1)!.onEnd('silent');
      clock.advance(MINUTE_MS);
    }
    expect(stream.connection()).toMatchObject({
      connected: false,
      reconnectAttempts: 4,
      lastConnectedAt: null,
    });
  });

  it('closes all connections on stop and opens no other', () => {
    const { clock, opened, stream } = aStream(() => 0);
    opened[0]!.onRows([ROW]);
    clock.advance(23 * HOUR_MS);
    opened[1]!.onRows([ROW]);
    stream.stop();
    expect(opened.every((link) => link.closed)).toBe(true);
    clock.advance(48 * HOUR_MS);
    expect(opened).toHaveLength(2);
  });
});
