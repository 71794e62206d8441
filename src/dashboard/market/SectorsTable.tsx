import { formatChange, formatCount, formatUsd, formatUsdChange } from '../../kit/format.shared.ts';
import { baseOf } from '../alerts/feed.ts';
import { toneOf } from '../board/Change.tsx';
import { TextButton } from '../shell/Button.tsx';
import { TableHead } from '../shell/TableHead.tsx';
import { useDashboard, useView } from '../shell/useDashboard.ts';
import { NO_SECTOR, type SectorTotals } from './market.ts';
import { toggled } from '../toggled.ts';

const COLUMNS = ['Sector', 'Symbols', 'OI (USD)'];
const CHANGE_COLUMNS = ['ΔUSD', 'Δ', 'OI up / down', 'Largest ΔUSD'];

/** What each sector's symbols are together; a sector's name filters by it. */
export function SectorsTable(props: { sectors: readonly SectorTotals[]; hasChanges: boolean }) {
  const { sectors, hasChanges } = props;
  return (
    <section className="market-panel market-table" aria-labelledby="sectors-title">
      <h2 id="sectors-title">Sectors</h2>
      <div className="market-scroll" tabIndex={0} role="region" aria-label="Table of sectors">
        <table>
          <TableHead names={hasChanges ? [...COLUMNS, ...CHANGE_COLUMNS] : COLUMNS} />
          <tbody>
            {sectors.map((it) => (
              <tr key={it.sector}>
                <th scope="row">
                  <SectorButton sector={it.sector} />
                </th>
                <td>{formatCount(it.symbols)}</td>
                <td>{formatUsd(it.usd)}</td>
                {hasChanges && <Changes of={it} />}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function SectorButton({ sector }: { sector: string }) {
  const { change } = useDashboard().view;
  const chosen = useView((it) => it.sectors);
  // Symbols without a sector cannot be filtered by one.
  if (sector === NO_SECTOR) return sector;
  return (
    <TextButton
      aria-pressed={chosen.includes(sector)}
      onClick={() => change({ sectors: toggled(chosen, sector) })}
    >
      {sector}
    </TextButton>
  );
}

function Changes({ of: { amount, change, up, down, largest } }: { of: SectorTotals }) {
  const usd = formatUsdChange(amount);
  const percent = formatChange(change);
  return (
    <>
      <td className={toneOf(usd)}>{usd}</td>
      <td className={toneOf(percent)}>{percent}</td>
      <td>
        {formatCount(up)} / {formatCount(down)}
      </td>
      <td>{largest && `${baseOf(largest.symbol)} ${formatUsdChange(largest.amount)}`}</td>
    </>
  );
}
