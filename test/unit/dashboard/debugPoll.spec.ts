import { describe, expect, it, jest } from '@jest/globals';
import { createDebugPoll } from '../../../src/dashboard/debug/debugPoll.ts';
import { describeHealth, titleOf } from '../../../src/dashboard/debug/health.ts';
import { ApiError } from '../../../src/dashboard/live/api.ts';
import type { DebugBody } from '../../../src/openInterest/operator/debug/debug.types.ts';
import { createFakeClock } from '../../support/fakeClock.ts';
import { NOW, aDebugBody } from './debugBodies.ts';

type Answer = DebugBody | Error | 'never';

function setUp(answers: Answer[]) {
  const clock = createFakeClock(NOW);
  const signals: AbortSignal[] = [];
  const onSignedOut = jest.fn();
  const poll = createDebugPoll({
    now: clock.now,
    after: clock.after,
    onSignedOut,
    ask(signal) {
      signals.push(signal);
      const answer = answers.shift() ?? aDebugBody();
      if (answer instanceof Error) return Promise.reject(answer);
      if (answer !== 'never') return Promise.resolve(answer);
      return new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')));
      });
    },
  });
  const settle = async (): Promise<void> => {
    for (let i = 0; i < 10; i += 1) await Promise.resolve();
  };
  return {
    poll,
    clock,
    signals,
    onSignedOut,
    settle,
    async pass(ms: number) {
      clock.advance(ms);
      await settle();
    },
  };
}

const refusal = (status: number) => new ApiError('no', { status, code: 'x' });
const clockOf = (at: number) => new Date(at).toISOString().slice(11, 19);

describe('asking for the debug body', () => {
  it('goes on as often as the server says', async () => {
    const { poll, pass, settle, signals } = setUp([aDebugBody({ debugEverySec: 20 })]);
    poll.askNow();
    await settle();
    await pass(19_000);
    expect(signals).toHaveLength(1);
    await pass(1_000);
    expect(signals).toHaveLength(2);
  });

  it('keeps what was answered when the server goes away, says so, and asks on', async () => {
    const { poll, pass, settle } = setUp([aDebugBody(), refusal(502), aDebugBody({ seq: 9 })]);
    poll.askNow();
    await settle();
    await pass(5_000);
    expect(poll.store.get().body?.seq).toBe(4_182);
    const health = describeHealth(poll.store.get(), clockOf);
    expect(health).toMatchObject({
      word: 'Unknown',
      sentence: 'cannot reach the server (HTTP 502), last answer 14:03:22',
    });
    expect(titleOf(health)).toBe('OI: Unknown');
    await pass(5_000);
    expect(poll.store.get()).toMatchObject({ failure: null, body: { seq: 9 } });
  });

  it('gives up an answer that does not come, and tries again', async () => {
    const { poll, pass, settle, signals } = setUp(['never']);
    poll.askNow();
    await settle();
    await pass(8_000);
    expect(signals[0]?.aborted).toBe(true);
    expect(poll.store.get().failure?.text).toBe('cannot reach the server (no answer in time)');
    await pass(5_000);
    expect(poll.store.get()).toMatchObject({ failure: null, body: { seq: 4_182 } });
  });

  it('stops while it is paused and asks at once when it goes on', async () => {
    const { poll, pass, settle, signals } = setUp([]);
    poll.askNow();
    await settle();
    poll.pause();
    await pass(60_000);
    expect(signals).toHaveLength(1);
    poll.resume();
    expect(signals).toHaveLength(2);
  });

  it('forgets the answer to a question that was asked before a pause', async () => {
    const { poll, settle } = setUp([]);
    poll.askNow();
    poll.pause();
    await settle();
    expect(poll.store.get().body).toBeNull();
  });

  it('stops where nobody is signed in, and where it is forbidden', async () => {
    const signedOut = setUp([refusal(401)]);
    signedOut.poll.askNow();
    await signedOut.settle();
    expect(signedOut.onSignedOut).toHaveBeenCalledTimes(1);
    const forbidden = setUp([refusal(403)]);
    forbidden.poll.askNow();
    await forbidden.settle();
    await forbidden.pass(60_000);
    expect(forbidden.poll.store.get().forbidden).toBe(true);
    expect(forbidden.signals).toHaveLength(1);
  });
});

describe('health in the header', () => {
  const line = (word: DebugBody['health']['word'], sentence: string | null) =>
    describeHealth({ body: aDebugBody({ health: { word, sentence } }), failure: null }, clockOf);

  it('is what the server says while it can be asked', () => {
    expect(line('healthy', null)).toEqual({ word: 'Healthy', sentence: null, tone: 'good' });
    expect(line('degraded', 'mark-price-ws is slow')).toEqual({
      word: 'Degraded',
      sentence: 'mark-price-ws is slow',
      tone: 'warn',
    });
    expect(titleOf(line('healthy', null))).toBe('OI: Healthy');
  });

  it('is never "Healthy" before the first answer', () => {
    expect(describeHealth({ body: null, failure: null }, clockOf).word).toBe('Loading');
    const failure = { text: 'cannot reach the server (no connection)', at: 0 };
    expect(describeHealth({ body: null, failure }, clockOf).sentence).toBe(
      'cannot reach the server (no connection), no answer yet',
    );
  });
});
