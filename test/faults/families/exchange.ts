import type { FixedAnswer } from '../exchangeGate.ts';
import type { Expected, Family, Fault } from '../faults.types.ts';
import { part, restartCollector } from '../rig.ts';
import { WHOLE } from './plans.ts';
import { boardIsOlderThan, exchangeAnswered } from './probes.ts';

const WITHIN_SEC = 45;

/** Every request gets this answer. */
function answering(name: string, fixed: FixedAnswer, expected: Pick<Expected, 'cause' | 'remedy'>): Fault {
  return {
    name,
    inject({ exchange }) {
      part(exchange).gate.answer(fixed);
      return () => part(exchange).gate.answer(null);
    },
    bites: exchangeAnswered(fixed.status),
    expect: { stage: 'collector', withinSec: WITHIN_SEC, ...expected },
    okWithinSec: 240,
  };
}

/** A fault of the simulated exchange. */
function suffering(name: string, change: Record<string, unknown>, cause: RegExp): Fault {
  return {
    name,
    async inject({ exchange }) {
      await part(exchange).faults(change);
      return () => part(exchange).faults({ reset: true });
    },
    bites: boardIsOlderThan(15),
    expect: { stage: 'collector', cause, withinSec: WITHIN_SEC },
    okWithinSec: 150,
  };
}

/** Weight of the whole ticker list. */
const TICKERS = 40;
const LIMIT = 2_400;
/** What it leaves, so that what our collector has under way ends in no ban. */
const LEFT = 60;

/** Another program on this address uses up what the exchange allows, minute after minute, and stays below the ban. */
const hog: Fault = {
  name: 'another program on this address uses the weight up',
  inject({ exchange }) {
    const { url } = part(exchange);
    let stopped = false;
    async function use(): Promise<void> {
      while (!stopped) {
        const answer = await fetch(`${url}/fapi/v1/time`);
        const used = Number(answer.headers.get('x-mbx-used-weight-1m'));
        if (used <= LIMIT - LEFT - TICKERS) {
          const requests = Math.floor((LIMIT - LEFT - used) / TICKERS);
          await Promise.all(
            Array.from({ length: requests }, () =>
              fetch(`${url}/fapi/v1/ticker/24hr`).then((it) => it.arrayBuffer()),
            ),
          );
        }
        await new Promise((resolve) => setTimeout(resolve, 1_000));
      }
    }
    const using = use();
    return async () => {
      stopped = true;
      await using;
    };
  },
  async bites({ exchange }) {
    const answer = await fetch(`${part(exchange).url}/fapi/v1/time`);
    const used = Number(answer.headers.get('x-mbx-used-weight-1m'));
    return used > LIMIT - LEFT - 2 * TICKERS ? `${used} of ${LIMIT} are used` : null;
  },
  expect: {
    stage: 'collector',
    cause: /others [12],\d{3} of 2,400/,
    remedy: /other program|address|OI_MAX_REQ_PER_MIN/i,
    withinSec: 75,
  },
  okWithinSec: 150,
};

export const exchange: Family = {
  name: 'exchange',
  plan: WHOLE,
  faults: [
    answering(
      'it answers 451',
      { status: 451, body: '{"code":0,"msg":"Service unavailable from a restricted location."}' },
      { cause: /block.*451/i, remedy: /address|location|region|country/i },
    ),
    answering(
      'it answers 403 with a page',
      { status: 403, body: '<html><title>403 ERROR</title></html>', contentType: 'text/html' },
      { cause: /block.*403/i, remedy: /address|location|firewall|wait/i },
    ),
    answering(
      'it answers 503 −1008',
      {
        status: 503,
        body: '{"code":-1008,"msg":"Server is currently overloaded with other requests. Please try again in a few minutes."}',
      },
      { cause: /503.*-1008/ },
    ),
    answering(
      'it answers 429',
      { status: 429, body: '{"code":-1003,"msg":"Too many requests."}', headers: { 'Retry-After': '30' } },
      { cause: /429/ },
    ),
    answering(
      'it answers JSON that breaks off',
      { status: 200, body: '{"symbol":"BTCUSDT","openInter' },
      { cause: /(not|no) JSON|malformed|unreadable/i },
    ),
    answering(
      'a sign-in page of the network answers',
      { status: 200, body: '<html>Welcome to the hotel</html>', contentType: 'text/html' },
      { cause: /(not|no) JSON|html/i },
    ),
    {
      name: 'it bans the address',
      async inject({ exchange: given }) {
        await part(given).faults({ ban: { address: '127.0.0.1', seconds: 75 } });
      },
      bites: exchangeAnswered(418),
      expect: {
        stage: 'collector',
        cause: /bann?ed.*exchange|418/i,
        remedy: /wait.*OI_MAX_REQ_PER_MIN/i,
        withinSec: 30,
      },
      okWithinSec: 240,
    },
    hog,
    suffering('it does not answer', { hangRate: 1 }, /no answer/i),
    suffering('it takes 10 s to answer', { latencyMs: 10_000 }, /no answer|10 s|slow/i),
    suffering('every answer is torn', { tornRate: 1 }, /broke|closed|aborted|terminated|reset|other side/i),
    {
      name: 'it is down',
      inject: ({ exchange: given }) => part(given).program.kill(),
      bites: boardIsOlderThan(15),
      expect: {
        stage: 'collector',
        cause: /ECONNREFUSED|ECONNRESET|closed|other side|refused|connect/i,
        withinSec: WITHIN_SEC,
      },
      repair: ({ exchange: given }) => part(given).program.start(),
      okWithinSec: 150,
    },
    {
      name: 'its name is not known',
      inject: (rig) => restartCollector(rig, { BINANCE_REST_URL: 'http://exchange.invalid' }),
      bites: boardIsOlderThan(15),
      expect: {
        stage: 'collector',
        cause: /ENOTFOUND|EAI_AGAIN/,
        remedy: /BINANCE_REST_URL|name|DNS/i,
        withinSec: WITHIN_SEC,
      },
      repair: (rig) => restartCollector(rig),
      okWithinSec: 150,
    },
    {
      // The last one: the contract does not trade again. Where the job runs it ends this within a minute.
      name: 'it delists a symbol, and the job of the universe does not run',
      prepare: (rig) => restartCollector(rig, {}, ['poller', 'mark-prices']),
      inject: ({ exchange: given, symbols }) => part(given).faults({ delist: symbols[0]! }),
      async bites({ exchange: given, symbols }) {
        const answer = await fetch(`${part(given).url}/fapi/v1/openInterest?symbol=${symbols[0]!}`);
        return answer.status === 400 ? `${symbols[0]!} is answered ${await answer.text()}` : null;
      },
      expect: {
        stage: 'board',
        cause: /symbols live, 1 not seen since/,
        remedy: /curl .*\/debug\/trace\//,
        withinSec: 90,
      },
      repair: (rig) => restartCollector(rig),
      okWithinSec: 150,
    },
  ],
};
