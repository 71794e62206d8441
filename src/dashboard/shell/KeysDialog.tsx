import { Dialog } from './Dialog.tsx';

const KEYS: readonly [string, string][] = [
  ['/ or Ctrl+K', 'Filter symbols'],
  ['↑ ↓ ← → Home End PgUp PgDn', 'Move in the table'],
  ['Enter', 'Open a symbol; on a header, sort (Shift: by size)'],
  ['F', 'Favourite'],
  ['[ and ]', 'Previous and next symbol in the drawer'],
  ['1 2 3 4', '1h, 6h, 24h, 7d in the drawer'],
  ['A', 'Alerts'],
  ['P', 'Pause or resume updates'],
  ['Esc', 'Close what is on top'],
  ['?', 'This list'],
];

export function KeysDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Keys" onClose={onClose}>
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
