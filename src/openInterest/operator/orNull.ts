/** What a store answers, or `null` when it does not: an operator's page says so instead of failing with it. */
export async function orNull<Value>(promise: Promise<Value>): Promise<Value | null> {
  return promise.catch(() => null);
}
