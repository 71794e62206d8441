import { largePerpetuals } from './largePerpetuals.facts.ts';
import { middlePerpetuals } from './middlePerpetuals.facts.ts';
import { otherContracts } from './otherContracts.facts.ts';
import { settling } from './settling.facts.ts';
import { suppliesOf } from './supplies.ts';
import { smallPerpetuals } from './smallPerpetuals.facts.ts';
import { tradFi } from './tradFi.facts.ts';
import { PERPETUAL_DELIVERY_DATE, type FactSection, type SymbolFacts } from './facts.types.ts';
import { quarterlyFacts } from './quarterlies.ts';

/** Every contract the exchange knows at `startAt` (epoch ms). Only the quarterlies depend on the time. */
export function loadSymbolFacts(startAt: number): SymbolFacts[] {
  const rows = [
    ...largePerpetuals,
    ...middlePerpetuals,
    ...smallPerpetuals,
    ...tradFi,
    ...otherContracts,
    ...settling,
  ].flatMap(parseSection);
  const supplies = suppliesOf(rows);
  const perpetuals = rows.map((it) => ({
    ...it,
    circulatingSupply: supplies.get(it.baseAsset) ?? null,
  }));
  return [...perpetuals, ...quarterlyFacts(perpetuals, startAt)];
}

type PublishedFacts = Omit<SymbolFacts, 'circulatingSupply'>;

function parseSection(section: FactSection): PublishedFacts[] {
  return section.rows
    .trim()
    .split('\n')
    .map((line) => parseRow(section, line));
}

function parseRow(section: FactSection, line: string): PublishedFacts {
  const columns = line.split(' ');
  const isSettled = section.status === 'SETTLING' || section.status === 'CLOSE';
  const [base, onboarded, price, pricePrecision, quantityPrecision, tickSize, fundingHours] = columns;
  if (!base || !tickSize || !fundingHours) throw new Error(`this row of facts lacks columns: ${line}`);
  const figures = isSettled ? ['0', '0'] : columns.slice(7, 9);
  const tags = columns.slice(isSettled ? 8 : 9).join(' ');
  const symbol = base + section.quoteAsset;
  return {
    symbol,
    pair: symbol,
    baseAsset: base,
    quoteAsset: section.quoteAsset,
    contractType: section.contractType,
    status: section.status,
    underlyingType: section.underlyingType,
    underlyingSubType: tags === '' ? [] : tags.split(','),
    onboardDate: parseMinute(onboarded),
    deliveryDate: isSettled ? parseMinute(columns[7]) : PERPETUAL_DELIVERY_DATE,
    pricePrecision: Number(pricePrecision),
    quantityPrecision: Number(quantityPrecision),
    tickSize,
    fundingIntervalHours: Number(fundingHours),
    price: Number(price),
    openInterest: (Number(figures[0]) * 1_000) / Number(price),
    quoteVolume24h: Number(figures[1]) * 1_000,
  };
}

function parseMinute(text: string | undefined): number {
  return Date.parse(`${text ?? ''}:00Z`);
}
