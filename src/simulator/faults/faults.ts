import { ValidationError } from '../../kit/errors.ts';
import { FaultChange, FaultSettings, HEALTHY } from './faults.types.ts';
import { drawAt, noiseStream } from '../market/noise.ts';

/** The fault of one request. */
type InjectedFault = {
  delayMs: number;
  kind: 'none' | 'error' | 'hang' | 'torn';
};

/** One-time actions, carried out by the owner of market, sockets and ledger. */
export type FaultActions = {
  list(symbol: string): void;
  delist(symbol: string): void;
  dropSockets(): void;
  ban(address: string, lengthMs: number): void;
  spend(address: string, weight: number): void;
};

export type Faults = ReturnType<typeof createFaults>;

export function createFaults(options: { seed: number; actions: FaultActions }) {
  const { actions } = options;
  const stream = noiseStream(options.seed, 'faults');
  let settings: FaultSettings = HEALTHY;
  let requests = 0;

  function isTarget(request: { path: string; symbol: string | null }): boolean {
    const { onlyPaths, onlySymbols } = settings;
    if (onlyPaths.length > 0 && !onlyPaths.includes(request.path)) return false;
    return onlySymbols.length === 0 || (request.symbol !== null && onlySymbols.includes(request.symbol));
  }

  return {
    settings: () => settings,
    /** Throws a ValidationError that names every fault of the change; then nothing has changed. */
    apply(change: FaultChange): FaultSettings {
      const { reset, list, delist, dropSockets, ban, spend, ...changed } = parseChange(change);
      const given = Object.entries(changed).filter(([, value]) => value !== undefined);
      settings = FaultSettings.parse({ ...(reset ? HEALTHY : settings), ...Object.fromEntries(given) });
      for (const symbol of list ?? []) actions.list(symbol);
      for (const symbol of delist ?? []) actions.delist(symbol);
      if (ban) actions.ban(ban.address, ban.seconds * 1_000);
      if (spend) actions.spend(spend.address, spend.weight);
      if (dropSockets) actions.dropSockets();
      return settings;
    },
    /** Decides about the next request: the same seed and the same order of requests fail in the same way. */
    draw(request: { path: string; symbol: string | null }): InjectedFault {
      const draw = (index: number) => drawAt(stream, requests * 8 + index);
      requests += 1;
      if (!isTarget(request)) return { delayMs: 0, kind: 'none' };
      const jitterMs = (2 * draw(0) - 1) * settings.latencyJitterMs;
      const delayMs = Math.max(0, settings.latencyMs + jitterMs);
      if (draw(1) < settings.hangRate) return { delayMs, kind: 'hang' };
      if (draw(2) < settings.tornRate) return { delayMs, kind: 'torn' };
      if (draw(3) < settings.errorRate) return { delayMs, kind: 'error' };
      return { delayMs, kind: 'none' };
    },
  };
}

function parseChange(change: unknown) {
  const parsed = FaultChange.safeParse(change);
  if (parsed.success) return parsed.data;
  throw new ValidationError('This change of faults cannot be used: see details, and GET /simulator/faults.', {
    details: parsed.error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message })),
  });
}
