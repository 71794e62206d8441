import type { PipelineStep } from '../../openInterest/operator/debug/debug.types.ts';
import { Icon } from '../shell/Icon.tsx';
import type { HealthLine } from './health.ts';
import { ViewLink } from './Panel.tsx';
import { describeStrip, type StripItem } from './strip.ts';
import { useClock } from './useConsole.ts';
import { TONE_ICONS } from './words.ts';

/** The health in a word and a sentence, and the pipeline that shows where symbols are lost. */
export function HealthStrip(props: { health: HealthLine; pipeline: readonly PipelineStep[] | null }) {
  const { health, pipeline } = props;
  const clock = useClock();
  return (
    <section
      id="pipeline"
      className={`health tone-${health.tone}`}
      aria-label="Health and pipeline"
      tabIndex={-1}
    >
      <p className="health-word" data-testid="health">
        <Icon name={TONE_ICONS[health.tone]} />
        <span>
          <ViewLink shows={{ stages: 'all' }} panel="doctor" title="What doctor says of each stage">
            {health.word}
          </ViewLink>
          {health.sentence && <span className="health-sentence">: {health.sentence}</span>}
        </span>
      </p>
      {pipeline && (
        <ol className="strip" data-testid="strip">
          {describeStrip(pipeline, clock).map((item) => (
            <li key={item.stage}>
              <StripCount item={item} />
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

function StripCount({ item }: { item: StripItem }) {
  return (
    <ViewLink
      shows={item.shows}
      panel={item.panel}
      title={item.title}
      className={`strip-count is-${item.tone}`}
    >
      {item.text}
      {item.warning && (
        <span className="strip-warning">
          <Icon name="warn" /> {item.warning}
        </span>
      )}
    </ViewLink>
  );
}
