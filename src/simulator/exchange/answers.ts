import type { FaultSettings } from '../faults/faults.types.ts';
import type { Charge } from './weights.ts';

export type Answer = {
  status: number;
  contentType: string;
  body: string;
  headers?: Readonly<Record<string, string>>;
};

export function ok(value: unknown): Answer {
  return { status: 200, contentType: JSON_TYPE, body: JSON.stringify(value) };
}

/** A refusal with the exchange's own code and words. */
export function refusal(status: number, code: number, msg: string): Answer {
  return { status, contentType: JSON_TYPE, body: JSON.stringify({ code, msg }) };
}

export const invalidSymbol = (): Answer => refusal(400, -1121, 'Invalid symbol.');

/** What the exchange says about the open interest of a contract that does not trade. */
export const notTrading = (): Answer =>
  refusal(400, -4108, 'Symbol is on delivering or delivered or settling or closed or pre-trading.');

export const missingParameter = (name: string): Answer =>
  refusal(400, -1102, `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`);

export const invalidParameter = (name: string): Answer =>
  refusal(400, -1130, `parameter '${name}' is invalid.`);

/** 429 or 418, with the seconds to wait. */
export function limitAnswer(charge: Exclude<Charge, { outcome: 'accepted' }>, address: string): Answer {
  const headers = { 'Retry-After': String(charge.retryAfterSec) };
  if (charge.outcome === 'banned') {
    const msg = `Way too much request weight used; IP banned until ${charge.bannedUntil}. ${ADVICE} to avoid bans.`;
    return { ...refusal(418, -1003, msg), headers };
  }
  const { limit, windowMs } = charge.limit;
  const window = windowMs === 60_000 ? 'minute' : `${windowMs / 60_000} minutes`;
  const msg = `Too many requests; current limit of IP(${address}) is ${limit} requests per ${window}. ${ADVICE} to avoid polling the API.`;
  return { ...refusal(429, -1003, msg), headers };
}

/** What a client meets when the exchange or something before it fails; gateways answer pages, not JSON. */
export function errorAnswer(status: FaultSettings['errorStatus']): Answer {
  switch (status) {
    case 451:
      return refusal(451, 0, 'Service unavailable from a restricted location.');
    case 408:
      return refusal(408, -1007, 'Timeout waiting for response from backend server.');
    case 500:
      return refusal(500, -1000, 'An unknown error occurred while processing the request.');
    case 503:
      return refusal(503, -1001, 'Internal error; unable to process your request. Please try again.');
    case 403:
    case 502:
    case 504:
      return {
        status,
        contentType: 'text/html',
        body: `<html><head><title>${status} ERROR</title></head><body><h1>${status} ERROR</h1></body></html>\n`,
      };
  }
}

const JSON_TYPE = 'application/json;charset=UTF-8';
const ADVICE = 'Please use the websocket for live updates';
