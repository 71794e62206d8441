import { useQuery } from '@tanstack/react-query';
import { createContext, use } from 'react';
import { useStore } from 'zustand';
import { formatClock, type ClockZone } from '../timeOfDay.ts';
import type { OperatorConsole } from './console.ts';
import { NO_ANSWER, type PollState } from './debugPoll.ts';
import type { DebugView } from './debugView.ts';
import type { Clock } from './words.ts';

/** What every part of the operator's page needs. */
export type OperatorContext = { readonly operator: OperatorConsole; readonly zone: ClockZone };

export const ConsoleContext = createContext<OperatorContext | null>(null);

export function useConsole(): OperatorConsole {
  return use(ConsoleContext)!.operator;
}

/** The server's last answer; polls while it is not paused. */
export function usePoll(paused = false): PollState {
  const { poll } = useConsole();
  return useQuery({ ...poll, enabled: !paused }).data ?? NO_ANSWER;
}

/** The server's clock, to the second. */
export function useServerNow(): number {
  const operator = useConsole();
  return useStore(operator.live.store, () => Math.floor(operator.serverNow() / 1_000) * 1_000);
}

/** What of the page is shown, and a function that changes it. */
export function useDebugView(): { view: DebugView; change: OperatorConsole['view']['change'] } {
  const { view } = useConsole();
  return { view: useStore(view.store), change: view.change };
}

export function useZone(): ClockZone {
  return use(ConsoleContext)!.zone;
}

/** Writes a time of day in the viewer's zone. */
export function useClock(): Clock {
  const zone = useZone();
  return (at) => formatClock(at, zone);
}
