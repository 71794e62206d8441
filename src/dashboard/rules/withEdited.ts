/** The list with the one in the editor, also when it was deleted elsewhere. */
export function withEdited<Item extends { id: string }>(
  list: readonly Item[],
  edited: Item | null,
): readonly Item[] {
  return edited && list.every(({ id }) => id !== edited.id) ? [...list, edited] : list;
}
