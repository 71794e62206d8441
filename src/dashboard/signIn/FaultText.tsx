import { Icon } from '../shell/Icon.tsx';

export function FaultText({ id, text }: { id?: string; text: string }) {
  return (
    <p id={id} role="alert" className="sign-in-fault">
      <Icon name="cross" /> {text}
    </p>
  );
}
