import type { ComponentProps } from 'react';
import { SelectField, TextField } from './Field.tsx';
import type { RuleDraft } from './ruleDraft.ts';

export type DraftProps = { draft: RuleDraft; change: (part: Partial<RuleDraft>) => void };

type TextKey = { [Key in keyof RuleDraft]: string extends RuleDraft[Key] ? Key : never }[keyof RuleDraft];
type Bound = 'value' | 'onChange';

/** The text of a draft that `field` names. */
export function DraftText(
  props: DraftProps & { field: TextKey } & Omit<ComponentProps<typeof TextField>, Bound>,
) {
  const { draft, change, field, ...rest } = props;
  return <TextField {...rest} value={draft[field]} onChange={(value) => change({ [field]: value })} />;
}

/** The choice of a draft that `field` names. */
export function DraftSelect<Key extends 'window' | 'direction' | 'price' | 'watchlist'>(
  props: DraftProps & { field: Key; label: string; options: Readonly<Record<RuleDraft[Key], string>> },
) {
  const { draft, change, field, ...rest } = props;
  return <SelectField {...rest} value={draft[field]} onChange={(value) => change({ [field]: value })} />;
}
