import { useState } from 'react';
import { Button } from '../shell/Button.tsx';

/** Copies a text, and shows it for copying by hand where the browser refuses the clipboard: pages without https. */
export function CopyButton({ label, write }: { label: string; write: (() => string) | null }) {
  const [outcome, setOutcome] = useState<'copied' | 'failed' | null>(null);
  const [text, setText] = useState('');

  async function copy(): Promise<void> {
    const written = write?.() ?? '';
    setText(written);
    try {
      await navigator.clipboard.writeText(written);
      setOutcome('copied');
    } catch {
      setOutcome('failed');
    }
  }

  return (
    <span className="copy">
      <Button
        disabled={write === null}
        onClick={() => void copy()}
        onBlur={() => outcome === 'copied' && setOutcome(null)}
      >
        {/* Both labels occupy the same space, so that no button moves under the pointer. */}
        <span className="copy-words">
          <span className={outcome === 'copied' ? 'is-away' : ''}>{label}</span>
          <span className={outcome === 'copied' ? '' : 'is-away'}>Copied</span>
        </span>
      </Button>
      <span className="sr-only" role="status">
        {outcome === 'copied' && `${label}: copied`}
      </span>
      {outcome === 'failed' && <CopyByHand label={label} text={text} onClose={() => setOutcome(null)} />}
    </span>
  );
}

function CopyByHand({ label, text, onClose }: { label: string; text: string; onClose: () => void }) {
  return (
    <div className="copy-by-hand" role="group" aria-label={label}>
      <label>
        The browser does not let this page copy. Select and copy:
        <textarea
          ref={(field) => field?.focus()}
          readOnly
          value={text}
          rows={8}
          onFocus={(event) => event.target.select()}
        />
      </label>
      <Button onClick={onClose}>Close</Button>
    </div>
  );
}
