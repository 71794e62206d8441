import { expect, it } from '@jest/globals';
import type { Principal } from '../../../../src/access/access.types.ts';
import { createReadLimit } from '../../../../src/openInterest/history/readLimit.ts';

const keyOf = (keyId: string): Principal => ({ kind: 'key', scope: 'operator', keyId });

async function* lines(): AsyncGenerator<string> {
  for (;;) yield 'line';
}

it('D7 leaves room for reads, however many exports are read slowly', async () => {
  const limit = createReadLimit(3);
  const exports = Array.from({ length: 12 }, (_, i) => limit.stream(keyOf(`user ${i % 3}`), lines()));
  const begun = await Promise.allSettled(exports.map((it) => it.next()));
  expect(begun.filter((it) => it.status === 'fulfilled')).toHaveLength(6);
  expect(await limit.read(keyOf('another'), async () => 'read')).toBe('read');
  for (const it of exports) await it.return(undefined);
  expect((await limit.stream(keyOf('user 0'), lines()).next()).value).toBe('line');
});
