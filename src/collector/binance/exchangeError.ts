import type { ExchangeErrorKind } from '../collector.types.ts';

/** By status: how the exchange refuses all requests of this address for a while. */
export const ADDRESS_REFUSALS = {
  403: "the exchange's firewall refuses this address (403); ask from another one, or through a proxy by HTTPS_PROXY",
  418: 'the exchange has banned this address (418)',
  429: 'the exchange has had too many requests from this address (429)',
  451: 'the exchange does not serve the country of this address (451); ask from another one, or through a proxy by HTTPS_PROXY',
} as const;

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
