import type { ReactNode } from 'react';
import { formatAge, formatCount, formatEvery, UNKNOWN } from '../../kit/format.shared.ts';
import type {
  CollectorJobView,
  CollectorView,
  CollectorWord,
} from '../../openInterest/operator/debug/debug.types.ts';
import { Icon } from '../shell/Icon.tsx';
import { BeatBar } from './BeatBar.tsx';
import { Cell, OperatorTable } from './OperatorTable.tsx';
import { FilterChip, Nothing, Panel, ViewLink } from './Panel.tsx';
import { COLLECTOR_WORDS, countOf, isTroubled, lastRunOf, noteOf, paceOf, TONE_ICONS } from './words.ts';
import { useDebugView, useServerNow } from './useConsole.ts';
import { formatIso } from '../timeOfDay.ts';

const COLUMNS = [
  'name',
  'state',
  'last beat',
  'every',
  'last 60, newest right',
  'weight/min',
  'note',
] as const;

/** The collectors and their jobs, with their last heartbeats. */
export function CollectorsPanel({ collectors }: { collectors: readonly CollectorView[] | null }) {
  const { view } = useDebugView();
  const troubled = collectors?.filter(isTroubled).length ?? 0;
  const shown = (collectors ?? []).filter((it) => view.collectors === 'all' || isTroubled(it));
  return (
    <Panel
      id="collectors"
      title="Collectors"
      aside={
        <>
          {troubled > 0 && view.collectors === 'all' && (
            <ViewLink shows={{ collectors: 'trouble' }} panel="collectors" className="warn">
              {troubled} with problems
            </ViewLink>
          )}
          <FilterChip panel="collectors" word="with problems" />
        </>
      }
    >
      {collectors === null && <Nothing>Heartbeats cannot be read: the database does not answer.</Nothing>}
      {collectors && shown.length === 0 && <Nothing>No collector has a problem.</Nothing>}
      {shown.length > 0 && (
        <OperatorTable className="collectors-table" columns={COLUMNS}>
          {shown.map((it) => (
            <CollectorRows key={it.name} collector={it} />
          ))}
        </OperatorTable>
      )}
    </Panel>
  );
}

function CollectorRows({ collector }: { collector: CollectorView }) {
  const { jobs } = collector;
  const now = useServerNow();
  return (
    <>
      <tr role="row" data-collector={collector.name}>
        <Cell name="name">
          <b>{collector.name}</b>
        </Cell>
        <Cell name="state">
          <StateWord state={collector.state} inferred={collector.inferred} />
        </Cell>
        <Cell name="last beat">{ageOf(collector.lastAt, now)}</Cell>
        <Cell name="every">{collector.everySec === null ? UNKNOWN : formatEvery(collector.everySec)}</Cell>
        <Cell name="last 60">
          <BeatBar cells={collector.cells} />
        </Cell>
        <Cell name="weight/min">
          {collector.weightUsed === null ? (
            <span className="muted" title="Not reported">
              {UNKNOWN}
            </span>
          ) : (
            formatCount(collector.weightUsed)
          )}
        </Cell>
        <Cell name="note">{noteOf(collector, now)}</Cell>
      </tr>
      {jobs.map((job) => (
        <JobRow key={job.name} job={job} now={now} />
      ))}
    </>
  );
}

function JobRow({ job, now }: { job: CollectorJobView; now: number }) {
  return (
    <tr role="row" className="job-row" data-job={job.name}>
      <Cell name="name">{job.name}</Cell>
      <Cell name="state">
        <StateWord state={job.state} inferred={false} />
      </Cell>
      <Cell name="last run">
        {job.lastRunAt === null ? reported(lastRunOf(job, now)) : ageOf(job.lastRunAt, now)}
      </Cell>
      <Cell name="every">{job.everySec === null ? reported(paceOf(job)) : paceOf(job)}</Cell>
      <Cell name="last 60">
        <BeatBar cells={job.cells} />
      </Cell>
      <Cell name="weight/min" />
      <Cell name="note">{[countOf(job), job.note].filter(Boolean).join(' · ')}</Cell>
    </tr>
  );
}

function StateWord({ state, inferred }: { state: CollectorWord; inferred: boolean }) {
  const { word, tone } = COLLECTOR_WORDS[state];
  return (
    <span className={`state tone-${tone}`}>
      <Icon name={TONE_ICONS[tone]} />
      {word}
      {inferred && <small className="muted"> inferred</small>}
    </span>
  );
}

function reported(text: string | null): ReactNode {
  return (
    <span className="muted" title={text === null ? 'Not reported' : undefined}>
      {text ?? UNKNOWN}
    </span>
  );
}

function ageOf(at: number | null, now: number): ReactNode {
  if (at === null) return <span className="muted">{UNKNOWN}</span>;
  return <span title={formatIso(at)}>{formatAge(now - at)}</span>;
}
