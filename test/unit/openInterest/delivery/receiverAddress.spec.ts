import type { lookup, LookupAddress } from 'node:dns';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { systemClock } from '../../../../src/kit/clock.ts';
import { createPoster } from '../../../../src/openInterest/delivery/post.ts';
import {
  findAddressFault,
  findUrlFault,
  guardLookup,
} from '../../../../src/openInterest/delivery/receiverAddress.ts';
import { startReceiver, type Receiver } from '../../../support/receiver.ts';

const PUBLIC = { allowHttp: false, allowPrivate: false };
const ON_PREMISES = { allowHttp: true, allowPrivate: true };

describe('findAddressFault', () => {
  it.each(['8.8.8.8', '93.184.216.34', '2606:4700::1111', '::ffff:8.8.8.8'])('allows %s', (address) => {
    expect(findAddressFault(address, PUBLIC)).toBeNull();
  });

  it.each([
    ['loopback', ['127.0.0.1', '127.8.9.10', '::1']],
    ['this host', ['0.0.0.0', '::']],
    ['private', ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1']],
    ['shared (CGNAT)', ['100.64.0.1', '100.127.255.254']],
    ['link-local', ['169.254.0.1', 'fe80::1', 'fe80::1%eth0']],
    ['unique local and site local', ['fc00::1', 'fdff::1', 'fec0::1']],
    ['IPv4 in IPv6', ['::ffff:127.0.0.1', '::ffff:10.0.0.1', '::ffff:0:7f00:1', '::7f00:1', '::10.0.0.1']],
    [
      'IPv4 in 6to4, Teredo and NAT64',
      ['2002:7f00:1::', '2001:0:7f00:1::', '64:ff9b::7f00:1', '64:ff9b:1::a00:1'],
    ],
    ['multicast and broadcast', ['224.0.0.1', '255.255.255.255', 'ff02::1']],
    [
      'reserved and documentation',
      ['240.0.0.1', '192.0.2.1', '198.18.0.1', '203.0.113.1', '2001:db8::1', '100::1'],
    ],
  ])('K4 refuses %s', (_, addresses) => {
    for (const address of addresses) {
      expect([address, findAddressFault(address, PUBLIC)]).toEqual([
        address,
        expect.stringMatching(/not a public address/),
      ]);
    }
  });

  it.each(['169.254.169.254', '168.63.129.16', '100.100.100.200', 'fd00:ec2::254', '::ffff:169.254.169.254'])(
    'refuses the metadata service %s even where private addresses are allowed',
    (address) => {
      expect(findAddressFault(address, ON_PREMISES)).not.toBeNull();
    },
  );

  it.each(['127.0.0.1', '10.1.2.3', '192.168.1.1', '100.64.0.1', '::1', 'fd12::1', '::ffff:10.0.0.1'])(
    'allows %s by setting',
    (address) => {
      expect(findAddressFault(address, ON_PREMISES)).toBeNull();
    },
  );

  it('treats an IPv4 address and its mapped form alike', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        const isRefused = (it: string) => findAddressFault(it, PUBLIC) !== null;
        expect(isRefused(`::ffff:${address}`)).toBe(isRefused(address));
      }),
    );
  });
});

describe('findUrlFault', () => {
  it.each(['https://example.com/hook?key=1', 'https://8.8.8.8:8443/', 'https://[2606:4700::1111]/'])(
    'allows %s',
    (url) => {
      expect(findUrlFault(url, PUBLIC)).toBeNull();
    },
  );

  it.each([
    ['http://example.com', 'must be an https address'],
    ['ftp://example.com', 'must be an https address'],
    ['file:///etc/passwd', 'must be an https address'],
    ['example.com', 'must be a URL like https://example.com/hook'],
    ['https://user:word@example.com', 'must not contain a user name or password'],
    ['https://example.com/#a', 'must not contain a fragment (#…)'],
  ])('refuses %s', (url, fault) => {
    expect(findUrlFault(url, PUBLIC)).toBe(fault);
  });

  it.each([
    ['decimal', 'https://2130706433/'],
    ['octal', 'https://0177.0.0.1/'],
    ['hexadecimal', 'https://0x7f000001/'],
    ['hexadecimal parts', 'https://0x7f.0x0.0x0.0x1/'],
    ['short', 'https://127.1/'],
    ['full-width', 'https://①②⑦.0.0.1/'],
    ['escaped', 'https://%31%32%37.0.0.1/'],
    ['with a dot at its end', 'https://127.0.0.1./'],
    ['mapped', 'https://[::ffff:7f00:1]/'],
  ])('K4 refuses loopback in %s form', (_, url) => {
    expect(findUrlFault(url, PUBLIC)).toMatch(/not a public address \(loopback\)/);
  });
});

describe('guardLookup', () => {
  /** Answers the next of `answers` on each call. */
  function resolving(...answers: string[][]) {
    const left = [...answers];
    return ((_name, _options, callback) => {
      const found = left.shift()!.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
      callback(null, found);
    }) as (
      name: string,
      options: object,
      callback: (error: null, found: LookupAddress[]) => void,
    ) => void as typeof lookup;
  }

  function ask(guarded: ReturnType<typeof guardLookup>): Promise<unknown> {
    return new Promise((resolve) => {
      guarded('hook.example', { all: true }, (error, found) => resolve(error ? error.message : found));
    });
  }

  it('returns the addresses that it has checked', async () => {
    expect(await ask(guardLookup(PUBLIC, resolving(['8.8.8.8'])))).toEqual([
      { address: '8.8.8.8', family: 4 },
    ]);
  });

  it('K4 refuses a name if one of its addresses is refused', async () => {
    expect(await ask(guardLookup(PUBLIC, resolving(['8.8.8.8', '10.0.0.1'])))).toBe(
      'hook.example is not a public address (private)',
    );
  });

  it('K4 refuses a name that resolves to another address the second time (rebinding)', async () => {
    const guarded = guardLookup(PUBLIC, resolving(['8.8.8.8'], ['127.0.0.1']));
    expect(await ask(guarded)).toEqual([{ address: '8.8.8.8', family: 4 }]);
    expect(await ask(guarded)).toMatch(/^hook\.example is not a public address/);
  });
});

describe('a post', () => {
  let receiver: Receiver;
  beforeAll(async () => {
    receiver = await startReceiver(({ path }) =>
      path === '/large'
        ? { status: 200, body: 'x'.repeat(1_000_000) }
        : { status: 302, headers: { location: `${receiver.url}/secret` } },
    );
  });
  afterAll(() => receiver.close());

  const post = (url: string, policy: typeof PUBLIC, trusted = false) =>
    createPoster({ clock: systemClock, policy }).post({ url, headers: {}, body: '{}', trusted });

  it.each(['127.0.0.1', 'localhost', '[::ffff:127.0.0.1]', '2130706433'])(
    'K4 does not connect to %s',
    async (host) => {
      const before = receiver.posts.length;
      const { port } = new URL(receiver.url);
      const policy = { allowHttp: true, allowPrivate: false };
      await expect(post(`http://${host}:${port}/`, policy)).rejects.toThrow(/not a public address/);
      expect(receiver.posts).toHaveLength(before);
    },
  );

  it('K4 does not use http once it is no longer allowed', async () => {
    const before = receiver.posts.length;
    await expect(post(receiver.url, { allowHttp: false, allowPrivate: true })).rejects.toThrow(
      'must be an https address',
    );
    expect(receiver.posts).toHaveLength(before);
  });

  it('K4 does not follow a redirect', async () => {
    const { status } = await post(`${receiver.url}/moved`, ON_PREMISES);
    expect(status).toBe(302);
    expect(receiver.posts.map((it) => it.path)).toEqual(['/moved']);
  });

  it('reads at most 64 kB of a response', async () => {
    const { body, snippet } = await post(`${receiver.url}/large`, ON_PREMISES);
    expect([body.length, snippet.length]).toEqual([65_536, 300]);
  });

  it('reaches an address of the operator wherever it is', async () => {
    expect((await post(`${receiver.url}/moved`, PUBLIC, true)).status).toBe(302);
  });
});
