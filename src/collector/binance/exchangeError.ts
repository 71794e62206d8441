import type { ExchangeErrorKind } from '../collector.types.ts';

/** A failed request to the exchange. `kind` says how to proceed. */
export class ExchangeError extends Error {
  override readonly name = 'ExchangeError';
  readonly kind: ExchangeErrorKind;
  /** Epoch ms before which nothing is sent; `null`: a request may be sent at any time. */
  readonly until: number | null;
  /** The exchange's status; `null`: it has not answered, or nothing was sent. */
  readonly status: number | null;
  /** The exchange's code, such as `-1008`; `null`: none. */
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
