import { Button } from '../shell/Button.tsx';
import { useColumns, useDashboard } from '../shell/useDashboard.ts';
import { ColumnHelp } from './ColumnHelp.tsx';
import { PINNED } from './columns.ts';
import { explainColumns } from './help.ts';
import './help.css';

/** Under the rows, which stay where they are when it appears and when it is closed. */
export function FirstVisit() {
  const { page, preferences } = useDashboard();
  const { shown } = useColumns();
  return (
    <section className="first-visit" aria-labelledby="first-visit">
      <div className="first-visit-head">
        <h2 id="first-visit">What the columns mean</h2>
        <Button onClick={() => page.setState({ dialog: 'columns' })}>All columns</Button>
        <Button className="primary" onClick={() => preferences.change({ introduced: true })}>
          Got it
        </Button>
      </div>
      <ColumnHelp items={explainColumns(shown.filter((it) => !PINNED.includes(it)))} />
    </section>
  );
}
