import { z } from 'zod';
import { plainText } from '../../kit/plainText.shared.ts';

/** The wire contract of saved views. */

const MOST_VIEWS = 50;

const SavedView = z.object({
  name: plainText(60).min(1, 'must not be empty'),
  query: z
    .string()
    .max(2_000, 'must have at most 2,000 characters')
    .regex(/^[^#\s]*$/, 'must be the query string of an address, without spaces')
    .meta({ description: 'The query string of the dashboard, without `?`', examples: ['sort=-d60&abs=1'] }),
});
export type SavedView = z.infer<typeof SavedView>;

export const SavedViewsInput = z
  .object({
    views: z.array(SavedView).max(MOST_VIEWS, `must have at most ${MOST_VIEWS} views; delete one`),
    defaultName: z
      .string()
      .nullable()
      .default(null)
      .meta({ description: 'The view that `/` opens with; `null`: none' }),
  })
  .superRefine(({ views, defaultName }, context) => {
    const names = views.map((it) => it.name);
    names.forEach((name, i) => {
      if (names.indexOf(name) === i) return;
      context.addIssue({
        code: 'custom',
        path: ['views', i, 'name'],
        message: 'must differ from other names',
      });
    });
    if (defaultName === null || names.includes(defaultName)) return;
    context.addIssue({
      code: 'custom',
      path: ['defaultName'],
      message: 'must be the name of one of the views',
    });
  });
export type SavedViewsInput = z.infer<typeof SavedViewsInput>;

/** Version 0: nothing was saved yet. */
export const SavedViews = z.object({
  views: z.array(SavedView),
  defaultName: z.string().nullable(),
  version: z.number().int(),
});
export type SavedViews = z.infer<typeof SavedViews>;
