import { useContext, type ReactNode } from 'react';
import { formatAge, formatCount, formatEvery, UNKNOWN } from '../../kit/format.shared.ts';
import type {
  CollectorJobView,
  CollectorView,
  CollectorWord,
} from '../../openInterest/operator/debug/debug.types.ts';
import { Icon } from '../shell/Icon.tsx';
import { BeatBar } from './BeatBar.tsx';
import { FilterChip, Nothing, Panel, ViewContext, ViewLink } from './Panel.tsx';
import { COLLECTOR_WORDS, countOf, isTroubled, lastRunOf, noteOf, paceOf, type Clock } from './words.ts';
import { formatIso } from '../timeOfDay.ts';

const STATE_ICONS = { good: 'dot', neutral: 'ring', warn: 'warn', error: 'cross' } as const;

/** Who brings the data, and how they have been. */
export function CollectorsPanel(props: {
  collectors: readonly CollectorView[] | null;
  now: number;
  clock: Clock;
}) {
  const { collectors, now, clock } = props;
  const { view } = useContext(ViewContext);
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
              {troubled} in trouble
            </ViewLink>
          )}
          <FilterChip panel="collectors" word="in trouble" />
        </>
      }
    >
      {collectors === null && <Nothing>Heartbeats cannot be read: the database does not answer.</Nothing>}
      {collectors && shown.length === 0 && <Nothing>None is in trouble.</Nothing>}
      {shown.length > 0 && (
        <table className="operator-table collectors-table" role="table">
          <thead role="rowgroup">
            <tr role="row">
              <Head>name</Head>
              <Head>state</Head>
              <Head>last beat</Head>
              <Head>every</Head>
              <Head>last 60, newest right</Head>
              <Head>weight/min</Head>
              <Head>note</Head>
            </tr>
          </thead>
          <tbody role="rowgroup">
            {shown.map((it) => (
              <CollectorRows key={it.name} collector={it} now={now} clock={clock} />
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}

function CollectorRows({ collector, now, clock }: { collector: CollectorView; now: number; clock: Clock }) {
  const { jobs } = collector;
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
          <BeatBar cells={collector.cells} clock={clock} />
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
        <JobRow key={job.name} job={job} now={now} clock={clock} />
      ))}
    </>
  );
}

function JobRow({ job, now, clock }: { job: CollectorJobView; now: number; clock: Clock }) {
  return (
    <tr role="row" className="job-row" data-job={job.name}>
      <Cell name="name">{job.name}</Cell>
      <Cell name="state">
        <StateWord state={job.state} inferred={false} />
      </Cell>
      <Cell name="last run">
        {job.lastRunAt === null ? told(lastRunOf(job, now)) : ageOf(job.lastRunAt, now)}
      </Cell>
      <Cell name="every">{job.everySec === null ? told(paceOf(job)) : paceOf(job)}</Cell>
      <Cell name="last 60">
        <BeatBar cells={job.cells} clock={clock} />
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
      <Icon name={STATE_ICONS[tone]} />
      {word}
      {inferred && <small className="muted"> inferred</small>}
    </span>
  );
}

function told(text: string | null): ReactNode {
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

function Head({ children }: { children: ReactNode }) {
  return (
    <th role="columnheader" scope="col">
      {children}
    </th>
  );
}

/** `name` is what the column is called where there are no columns. */
function Cell({ name, children }: { name: string; children?: ReactNode }) {
  return (
    <td role="cell" data-name={name}>
      {children}
    </td>
  );
}
