import type { Session } from '../../access/access.types.ts';

/** Marks every page of a demo user, so that it is not mistaken for production. */
export function DevelopmentStrip({ session }: { session: Session | null }) {
  if (!session?.demo) return null;
  return (
    <aside className="development-strip" data-testid="development-strip" aria-label="Kind of sign-in">
      Development sign-in
    </aside>
  );
}
