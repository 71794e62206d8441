import { formatAge, formatCount, formatCountOf } from '../../kit/format.shared.ts';
import type { GapView } from '../../openInterest/operator/debug/debug.types.ts';
import { selectGaps } from './debugView.ts';
import { Cell, OperatorTable } from './OperatorTable.tsx';
import { FilterChip, Nothing, Panel, ViewLink } from './Panel.tsx';
import { useClock, useDebugView, useServerNow } from './useConsole.ts';
import { DAY_MS, formatIso } from '../timeOfDay.ts';

const COLUMNS = ['from', 'to', 'symbols', 'why'] as const;

/** When symbols were not live, how many at once, and why, if known. */
export function GapsPanel(props: { gaps: readonly GapView[]; startedAt: number }) {
  const { gaps } = props;
  const now = useServerNow();
  const { view } = useDebugView();
  const open = gaps.filter((it) => it.to === null).length;
  const shown = selectGaps(gaps, view);
  const span =
    now - props.startedAt < DAY_MS ? `since the start ${formatAge(now - props.startedAt)} ago` : '24h';
  return (
    <Panel
      id="gaps"
      title={`Gaps (${span})`}
      count={gaps.length}
      all={{ gaps: 'all' }}
      aside={
        <>
          {open > 0 && (
            <ViewLink shows={{ gaps: 'open' }} panel="gaps" className="warn">
              {open} open
            </ViewLink>
          )}
          <FilterChip panel="gaps" word="open only" />
        </>
      }
    >
      {shown.length === 0 ? (
        <Nothing>{gaps.length === 0 ? 'No symbol of the universe had a gap.' : 'No gap is open.'}</Nothing>
      ) : (
        <OperatorTable label="Gaps" className="gaps-table" columns={COLUMNS}>
          {shown.map((it) => (
            <Gap key={`${it.from} ${it.examples[0] ?? ''}`} gap={it} now={now} />
          ))}
        </OperatorTable>
      )}
    </Panel>
  );
}

function Gap({ gap, now }: { gap: GapView; now: number }) {
  const clock = useClock();
  const { from, to, symbols, silent, examples } = gap;
  const lasted = formatAge((to ?? now) - from);
  return (
    <tr role="row" className={to === null ? 'is-open' : ''}>
      <Cell name="from" title={formatIso(from)}>
        {clock(from)}
      </Cell>
      <Cell name="to" title={to === null ? `for ${lasted}` : formatIso(to)}>
        {to === null ? <b className="warn">open, {lasted}</b> : clock(to)}
      </Cell>
      <Cell name="symbols">
        <ViewLink
          shows={
            to === null && silent > 1
              ? { universe: 'silent', query: '' }
              : { universe: 'all', query: examples[0] ?? '' }
          }
          panel="universe"
          title={`${examples.join(', ')}${symbols > examples.length ? ' and others' : ''}`}
        >
          {symbols === 1 ? examples[0] : formatCount(symbols)}
        </ViewLink>
        {to === null && silent < symbols && (
          <span className="muted"> ({formatCountOf(symbols - silent, 'symbol')} back)</span>
        )}
      </Cell>
      <Cell name="why" className="cut-2" title={gap.why ?? undefined}>
        {gap.why ?? <span className="muted">not known</span>}
      </Cell>
    </tr>
  );
}
