import { expect, it } from '@jest/globals';
import { coinsPerContract } from '../../../../src/collector/binance/coinsPerContract.ts';
import { loadSymbolFacts } from '../../../../src/simulator/facts/facts.ts';

it('a contract is as many coins as its name says, and one where the number belongs to the name', () => {
  const multiples = loadSymbolFacts(0)
    .filter((it) => it.quoteAsset === 'USDT' && coinsPerContract(it.symbol) !== 1)
    .map((it) => `${it.baseAsset} ${coinsPerContract(it.symbol)}`);
  expect(multiples.toSorted()).toEqual([
    '1000000BOB 1000000',
    '1000000MOG 1000000',
    '1000BONK 1000',
    '1000CAT 1000',
    '1000CHEEMS 1000',
    '1000FLOKI 1000',
    '1000LUNC 1000',
    '1000PEPE 1000',
    '1000RATS 1000',
    '1000SATS 1000',
    '1000SHIB 1000',
    '1000WHY 1000',
    '1000XEC 1000',
    '1MBABYDOGE 1000000',
  ]);
  for (const one of ['1INCHUSDT', '1000XUSDT', '4USDT', '币安人生USDT'])
    expect(coinsPerContract(one)).toBe(1);
});
