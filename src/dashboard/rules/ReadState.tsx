import { TextButton } from '../shell/Button.tsx';
import { goToSignIn } from '../shell/session.ts';
import { formatClock, type ClockZone } from '../timeOfDay.ts';
import { isStatus } from './Refusal.tsx';

/** In place of a list, or above it: that it is being read, or why it cannot be, and how old what is shown is. */
export function ReadState(props: {
  /** `Rules` */
  name: string;
  zone: ClockZone;
  query: {
    data: unknown;
    error: Error | null;
    dataUpdatedAt: number;
    isFetching: boolean;
    refetch: () => Promise<unknown>;
  };
}) {
  const { name, zone, query } = props;
  const { data, error, dataUpdatedAt, isFetching, refetch } = query;
  if (!error) return data === undefined ? <p className="muted slow">Loading…</p> : null;
  return (
    <p role="alert" className="read-fault">
      {name} cannot be read: {error.message}.
      {data !== undefined && ` Shown as of ${formatClock(dataUpdatedAt, zone)}.`}{' '}
      {isStatus(error, 401) ? (
        <TextButton onClick={() => goToSignIn('ended')}>Sign in</TextButton>
      ) : (
        <TextButton disabled={isFetching} onClick={() => void refetch()}>
          Try again
        </TextButton>
      )}
    </p>
  );
}
