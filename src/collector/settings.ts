import { z } from 'zod';
import { isThisMachine } from './outbound/proxies.ts';

/**
 * A URL without its trailing slash. An address without a scheme gets `scheme`, without the `s` of TLS where it is one of this
 * machine, which has no certificate.
 */
export function serviceUrl(scheme: string, protocols: readonly string[]): z.ZodType<string, unknown> {
  return z.string().transform((value, context) => {
    const text = value.trim();
    const isHere = isThisMachine(parseUrl(`http://${text}`)?.hostname ?? '');
    const assumed = isHere ? scheme.replace(/s$/, '') : scheme;
    const url = parseUrl(text.includes('://') ? text : `${assumed}://${text}`);
    if (url && protocols.includes(url.protocol)) return url.href.replace(/\/$/, '');
    context.addIssue({
      code: 'custom',
      message: `must be a URL beginning with ${protocols[0]}// or ${protocols[1]}//`,
    });
    return z.NEVER;
  });
}

function parseUrl(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null;
}

/** A number that is not negative, such as 4000000 or 0.5. */
export function amount(): z.ZodType<number, unknown> {
  return z
    .string()
    .regex(/^\d+(\.\d+)?$/, 'must be a number such as 4000000')
    .transform(Number);
}

/** 0.03 is 3 %. */
export function fraction(): z.ZodType<number, unknown> {
  return z
    .string()
    .regex(/^\d*\.?\d+$/, 'must be a fraction such as 0.03 for 3 %')
    .transform(Number)
    .pipe(z.number().positive('must be above 0').max(10, 'must be at most 10, which is 1,000 %'));
}
