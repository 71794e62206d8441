import { z } from 'zod';
import type { Chunk } from '../spool/spool.types.ts';
import { isStorageFault } from '../store/faults.ts';
import type { KeyValue } from '../store/keyValue.repository.ts';
import { POINT_MS, type BackfillJob } from './backfill.ts';

/** Epoch ms, ends excluded, like a gap. */
const Span = z.object({ from: z.number(), to: z.number() });
type Span = z.output<typeof Span>;

const KEY = 'dropped samples';

export type DropWatch = ReturnType<typeof createDropWatch>;

/**
 * The time over which the spool dropped samples, so that it can be filled once the server is back.
 *
 * Survives a restart, which often ends such an outage.
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
      // Retried with the next dropped chunk; in memory only until then.
      isKept = false;
    }
  }

  return {
    dropped({ lane, at }: Chunk): void {
      // Dropped history can only be fetched again as a whole.
      if (lane !== 'live') return;
      const wider = widen(span, at);
      if (wider.from !== span?.from || wider.to !== span.to) isKept = false;
      span = wider;
      if (!isKept) keep();
    },
    /** Notes what was dropped as a gap of each of these symbols, and forgets it. */
    askFor(symbols: readonly string[], note: BackfillJob['note']): void {
      if (!span || symbols.length === 0) return;
      const asked = span;
      for (const symbol of symbols) note({ symbol, ...asked });
      span = null;
      keep();
      // A disk that refused this has refused the gaps, too.
      if (!isKept) span = asked;
    },
  };
}

/** Widens the span to the points of history before and after `at`. */
function widen(span: Span | null, at: number): Span {
  const before = Math.floor(at / POINT_MS) * POINT_MS;
  return {
    from: Math.min(span?.from ?? Infinity, before - 1),
    to: Math.max(span?.to ?? -Infinity, before + POINT_MS + 1),
  };
}
