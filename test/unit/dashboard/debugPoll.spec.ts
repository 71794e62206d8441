import { QueryClient, QueryObserver, environmentManager } from '@tanstack/react-query';
import { afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { DEBUG_KEY, debugPoll, readPoll } from '../../../src/dashboard/debug/debugPoll.ts';
import { describeHealth, titleOf } from '../../../src/dashboard/debug/health.ts';
import { ApiError } from '../../../src/dashboard/live/api.ts';
import type { DebugBody } from '../../../src/openInterest/operator/debug/debug.types.ts';
import { aDebugBody } from './debugBodies.ts';

type Answer = DebugBody | Error | 'never';

let stop = (): void => undefined;

// The library polls in browsers only.
beforeAll(() => environmentManager.setIsServer(() => false));
beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  stop();
  jest.useRealTimers();
});

/** Polls as the page does while it is open. */
async function setUp(answers: Answer[]) {
  const client = new QueryClient();
  const signals: AbortSignal[] = [];
  const onSignedOut = jest.fn();
  const options = debugPoll({
    now: () => performance.now(),
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
  const observer = new QueryObserver(client, options);
  const unsubscribe = observer.subscribe(() => undefined);
  stop = () => {
    unsubscribe();
    client.clear();
  };
  const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);
  await pass(0);
  return {
    signals,
    onSignedOut,
    pass,
    state: () => readPoll(client),
    async setPaused(paused: boolean) {
      observer.setOptions({ ...options, enabled: !paused });
      if (paused) await client.cancelQueries({ queryKey: DEBUG_KEY });
    },
  };
}

const refusal = (status: number) => new ApiError('no', { status, code: 'x' });
const clockOf = (at: number) => new Date(at).toISOString().slice(11, 19);

describe('polling the debug body', () => {
  it('repeats at the interval set by the server', async () => {
    const { pass, signals } = await setUp([aDebugBody({ debugEverySec: 20 })]);
    await pass(19_000);
    expect(signals).toHaveLength(1);
    await pass(1_000);
    expect(signals).toHaveLength(2);
  });

  it('keeps the last response when the server is unavailable, reports it, and retries', async () => {
    const { pass, state } = await setUp([aDebugBody(), refusal(502), aDebugBody({ seq: 9 })]);
    await pass(5_000);
    expect(state().body?.seq).toBe(4_182);
    const health = describeHealth(state(), clockOf);
    expect(health).toMatchObject({
      word: 'Unknown',
      sentence: 'cannot reach the server (HTTP 502), last answer 14:03:22',
    });
    expect(titleOf(health)).toBe('OI: Unknown');
    await pass(5_000);
    expect(state()).toMatchObject({ failure: null, body: { seq: 9 } });
  });

  it('aborts a request after eight seconds, never sends two at once, and retries', async () => {
    const { pass, signals, state } = await setUp(['never']);
    await pass(7_900);
    expect(signals).toHaveLength(1);
    await pass(100);
    expect(signals[0]?.aborted).toBe(true);
    expect(state().failure).toBe('cannot reach the server (no answer in time)');
    await pass(5_000);
    expect(state()).toMatchObject({ failure: null, body: { seq: 4_182 } });
  });

  it('stops while paused and sends a request immediately on resume', async () => {
    const { pass, signals, setPaused } = await setUp([]);
    await setPaused(true);
    await pass(60_000);
    expect(signals).toHaveLength(1);
    await setPaused(false);
    expect(signals).toHaveLength(2);
  });

  it('aborts the request in flight on pause', async () => {
    const { signals, setPaused, state } = await setUp(['never']);
    await setPaused(true);
    expect(signals[0]?.aborted).toBe(true);
    expect(state()).toMatchObject({ body: null, failure: null });
  });

  it('reports an ended session, and stops after a 403', async () => {
    const signedOut = await setUp([refusal(401)]);
    expect(signedOut.onSignedOut).toHaveBeenCalledTimes(1);
    stop();
    const forbidden = await setUp([refusal(403)]);
    await forbidden.pass(60_000);
    expect(forbidden.state().forbidden).toBe(true);
    expect(forbidden.signals).toHaveLength(1);
  });
});

describe('health in the header', () => {
  const line = (word: DebugBody['health']['word'], sentence: string | null) =>
    describeHealth({ body: aDebugBody({ health: { word, sentence } }), failure: null }, clockOf);

  it("is the server's while it answers", () => {
    expect(line('healthy', null)).toEqual({ word: 'Healthy', sentence: null, tone: 'good' });
    expect(line('degraded', 'mark-price-ws is slow')).toEqual({
      word: 'Degraded',
      sentence: 'mark-price-ws is slow',
      tone: 'warn',
    });
    expect(titleOf(line('healthy', null))).toBe('OI: Healthy');
  });

  it('is never "Healthy" before the first response', () => {
    expect(describeHealth({ body: null, failure: null }, clockOf).word).toBe('Loading');
    const failure = 'cannot reach the server (no connection)';
    expect(describeHealth({ body: null, failure }, clockOf).sentence).toBe(
      'cannot reach the server (no connection), no answer yet',
    );
  });
});
