import type { DebugBody } from '../../openInterest/operator/debug/debug.types.ts';
import type { PollState } from './debugPoll.ts';

export type HealthLine = {
  word: 'Healthy' | 'Waiting' | 'Degraded' | 'Broken' | 'Unknown' | 'Loading';
  sentence: string | null;
  tone: 'good' | 'neutral' | 'warn' | 'error';
};

/** What the page says of the system as a whole. What the server last said counts only as long as it can be asked. */
export function describeHealth(
  poll: Pick<PollState, 'body' | 'failure'>,
  clock: (at: number) => string,
): HealthLine {
  const { body, failure } = poll;
  if (failure) {
    const last = body ? `, last answer ${clock(body.serverTime)}` : ', no answer yet';
    return { word: 'Unknown', sentence: `${failure}${last}`, tone: 'error' };
  }
  if (!body) return { word: 'Loading', sentence: null, tone: 'neutral' };
  const { word, sentence } = body.health;
  return { ...WORDS[word], sentence };
}

const WORDS: Readonly<Record<DebugBody['health']['word'], Pick<HealthLine, 'word' | 'tone'>>> = {
  healthy: { word: 'Healthy', tone: 'good' },
  waiting: { word: 'Waiting', tone: 'neutral' },
  degraded: { word: 'Degraded', tone: 'warn' },
  broken: { word: 'Broken', tone: 'error' },
};

/** The window's title: the state is first, because tabs cut titles. */
export function titleOf(health: HealthLine): string {
  return `OI: ${health.word}`;
}
