import { Button } from '../shell/Button.tsx';

/** The switch of a rule or a channel. */
export function Switch(props: { name: string; on: boolean; onChange: (on: boolean) => void }) {
  const { name, on } = props;
  return (
    <Button
      role="switch"
      className="switch"
      aria-checked={on}
      aria-label={`${name} is on`}
      onClick={() => props.onChange(!on)}
    >
      {on ? 'On' : 'Off'}
    </Button>
  );
}
