import type { ExchangeErrorKind } from '../collector.types.ts';

/** What came of a question to the exchange instead of an answer. `kind` says what to do about it. */
export class ExchangeError extends Error {
  override readonly name = 'ExchangeError';
  readonly kind: ExchangeErrorKind;
  /** Epoch ms before which nothing is sent to the exchange; `null` when it may be asked again at any time. */
  readonly until: number | null;
  /** The exchange's status; `null` when it has not answered, or has not been asked at all. */
  readonly status: number | null;
  /** The exchange's own code, such as `-1008`; `null`: it gave none. */
  readonly code: string | null;

  constructor(
    kind: ExchangeErrorKind,
    message: string,
    options: { until?: number | null; status?: number | null; code?: string | null; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.kind = kind;
    this.until = options.until ?? null;
    this.status = options.status ?? null;
    this.code = options.code ?? null;
  }
}
