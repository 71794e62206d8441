import { describe, expect, it } from '@jest/globals';
import type { OpenInterestAlert } from '../../../src/openInterest/openInterest.types.ts';
import { createAlertThrottle } from '../../../src/sockets/alertThrottle.ts';
import { createFakeClock } from '../../support/fakeClock.ts';

function start() {
  const clock = createFakeClock();
  const sent: { id: string; at: number }[] = [];
  let leftOut = 0;
  const startedAt = clock.now();
  const push = createAlertThrottle({
    clock,
    send: ({ id }) => sent.push({ id, at: clock.now() - startedAt }),
    onDrop: () => (leftOut += 1),
  });
  const alert = (id: string, symbol = id) =>
    ({ id, symbol, direction: 'UP', timeframe: '5 min' }) as OpenInterestAlert;
  return { clock, sent, push, alert, leftOut: () => leftOut, ids: () => sent.map((it) => it.id) };
}

describe('alerts to sockets', () => {
  it('are sent immediately while there are few', () => {
    const { push, alert, ids } = start();
    for (let i = 0; i < 20; i += 1) push(alert(`a${i}`));
    expect(ids()).toHaveLength(20);
  });

  it('B5 are at most 20 a second for any number, all of them and in order', () => {
    const { clock, push, alert, sent, ids, leftOut } = start();
    const all = Array.from({ length: 466 }, (_, i) => `a${i}`);
    for (const id of all) push(alert(id));
    clock.advance(60_000);
    expect(ids()).toEqual(all);
    expect(leftOut()).toBe(0);
    for (const { at } of sent) {
      expect(sent.filter((it) => it.at >= at && it.at < at + 1_000).length).toBeLessThanOrEqual(20);
    }
    expect(clock.pending()).toBe(0);
  });

  it('are reduced to the newest of a symbol, direction and timeframe while they wait', () => {
    const { clock, push, alert, ids, leftOut } = start();
    for (let i = 0; i < 20; i += 1) push(alert(`a${i}`));
    push(alert('old', 'BTCUSDT'));
    push(alert('other', 'ETHUSDT'));
    push(alert('new', 'BTCUSDT'));
    clock.advance(2_000);
    expect(ids().slice(20)).toEqual(['other', 'new']);
    expect(leftOut()).toBe(1);
  });

  it('C5 drop the oldest beyond a minute of them', () => {
    const { clock, push, alert, ids, leftOut } = start();
    for (let i = 0; i < 2_000; i += 1) push(alert(`a${i}`));
    expect(leftOut()).toBe(780);
    clock.advance(120_000);
    expect(ids()).toHaveLength(1_220);
    expect(ids().at(-1)).toBe('a1999');
  });
});
