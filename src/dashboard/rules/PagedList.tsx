import type { ReactNode } from 'react';
import { Button } from '../shell/Button.tsx';

/** A list in a panel, the newest first, with a button for what is older. */
export function PagedList(props: {
  label: string;
  query: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => Promise<unknown> };
  children: ReactNode;
}) {
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = props.query;
  return (
    <ul className="firing-list" tabIndex={0} aria-label={`${props.label}, newest first`}>
      {props.children}
      {hasNextPage && (
        <li className="list-more">
          <Button disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            {isFetchingNextPage ? 'Loading…' : 'Show older'}
          </Button>
        </li>
      )}
    </ul>
  );
}
