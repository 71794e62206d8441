import { RANGES } from '../board/view.ts';
import { Dialog } from './Dialog.tsx';

const KEYS: readonly [string, string][] = [
  ['Ctrl+K', 'Go to a symbol or an action'],
  ['/', 'Filter symbols; Enter opens the one that is named, ↓ goes to the rows'],
  ['↑ ↓ ← → Home End PgUp PgDn', 'Move through the table'],
  ['Enter', 'Open a symbol; on a header, sort (Shift: by absolute value)'],
  ['F', 'Add or remove a favourite'],
  ['L', 'Watchlists of the symbol'],
  ['[ and ]', 'Previous and next symbol in the details'],
  [RANGES.map((_, i) => i + 1).join(' '), `Chart range: ${RANGES.join(', ')}`],
  ['A', 'Show or hide alerts'],
  ['J and K', 'Next and previous alert'],
  ['P', 'Pause or resume updates'],
  ['Esc', 'Close the open panel; on the page of a symbol, back to the board'],
  ['?', 'Show this list'],
];

export function KeysDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Keyboard shortcuts" onClose={onClose}>
      <dl className="keys">
        {KEYS.map(([keys, what]) => (
          <div key={keys}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
