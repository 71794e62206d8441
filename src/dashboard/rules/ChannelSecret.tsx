import { useState } from 'react';
import { Button } from '../shell/Button.tsx';

/** The new secret of a webhook, until it is closed. */
export function ChannelSecret(props: { name: string; secret: string; onClose: () => void }) {
  const { name, secret, onClose } = props;
  const [note, setNote] = useState('');
  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(secret);
      setNote('Copied.');
    } catch {
      setNote('The browser does not let this page copy; select the text.');
    }
  }
  return (
    <div className="channel-secret">
      <p role="status">
        The secret of {name}, shown once: <code>{secret}</code>
      </p>
      <p className="rule-actions">
        <Button className="small" onClick={() => void copy()}>
          Copy
        </Button>
        <Button className="small" onClick={onClose}>
          Close
        </Button>
        <span role="status">{note}</span>
      </p>
    </div>
  );
}
