import { z } from 'zod';
import type { Chunk } from '../spool/spool.types.ts';
import { isStorageFault } from '../store/faults.ts';
import type { KeyValue } from '../store/keyValue.repository.ts';
import { POINT_MS, type BackfillJob } from './backfill.ts';

/** Epoch ms, ends not included, as those of a gap. */
const Span = z.object({ from: z.number(), to: z.number() });
type Span = z.output<typeof Span>;

const KEY = 'dropped samples';

export type DropWatch = ReturnType<typeof createDropWatch>;

/**
 * Remembers over which time the spool had to drop samples, so that it can be filled when the server is back.
 *
 * It outlives a restart: a restart is what often ends the time in which samples were dropped.
 */
export function createDropWatch(keyValue: KeyValue) {
  let span = keyValue.selectOptional(KEY, Span);
  let isKept = true;

  function keep(): void {
    try {
      keyValue.put(KEY, span);
      isKept = true;
    } catch (thrown) {
      if (!isStorageFault(thrown)) throw thrown;
      // Tried again with the next one that is dropped; until then it is only in memory.
      isKept = false;
    }
  }

  return {
    dropped({ lane, at }: Chunk): void {
      // What was filled from the exchange's history can be asked for again only by asking for all of it.
      if (lane !== 'live') return;
      const wider = widen(span, at);
      if (wider.from !== span?.from || wider.to !== span.to) isKept = false;
      span = wider;
      if (!isKept) keep();
    },
    /** Asks for what has been dropped, of these symbols, and forgets it. */
    askFor(symbols: readonly string[], note: BackfillJob['note']): void {
      if (!span || symbols.length === 0) return;
      const asked = span;
      for (const symbol of symbols) note({ symbol, ...asked });
      span = null;
      keep();
      // A disk that does not take this has not taken the gaps either.
      if (!isKept) span = asked;
    },
  };
}

/** From the point before to the point after, however near they are: even a moment has points around it. */
function widen(span: Span | null, at: number): Span {
  const before = Math.floor(at / POINT_MS) * POINT_MS;
  return {
    from: Math.min(span?.from ?? Infinity, before - 1),
    to: Math.max(span?.to ?? -Infinity, before + POINT_MS + 1),
  };
}
