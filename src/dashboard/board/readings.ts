import type { Quadrant } from './quadrant.ts';

export const READINGS: Readonly<Record<Quadrant, string>> = {
  new_longs: 'positions are being opened while price rises (usually new longs)',
  new_shorts: 'positions are being opened while price falls (usually new shorts)',
  building: 'positions are being opened while price hardly moves',
  shorts_closing: 'positions are being closed while price rises (usually shorts)',
  longs_closing: 'positions are being closed while price falls (usually longs)',
  unwinding: 'positions are being closed while price hardly moves',
  mixed: 'open interest moved too little to tell',
};

export function explainQuadrant(quadrant: Quadrant): string {
  return `${READINGS[quadrant]}. This is an inference, not order flow.`;
}
