import type { Session } from '../../access/access.types.ts';

/** Over every page that a demo user looks at, so that nobody takes it for the real thing. */
export function DevelopmentStrip({ session }: { session: Session | null }) {
  if (!session?.demo) return null;
  return (
    <p className="development-strip" data-testid="development-strip">
      Development sign-in
    </p>
  );
}
