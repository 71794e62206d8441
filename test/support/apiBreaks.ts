type Json = Record<string, unknown>;
/** Requests may be accepted more widely, and responses may contain more; never the reverse. */
type Direction = 'sent' | 'answered';

/** Each way in which a client of the old OpenAPI document no longer works with the new one, as a sentence. */
export function findApiBreaks(before: Json, after: Json): string[] {
  const breaks: string[] = [];
  const later = objectOf(after['paths']);
  for (const [path, methods] of Object.entries(objectOf(before['paths']))) {
    for (const [method, operation] of Object.entries(objectOf(methods))) {
      const at = `${method.toUpperCase()} ${path}`;
      const now = objectOf(later[path])[method];
      if (now === undefined) breaks.push(`${at} is gone`);
      else breaks.push(...compareOperations(objectOf(operation), objectOf(now), at));
    }
  }
  return breaks;

  function compareOperations(old: Json, now: Json, at: string): string[] {
    return [
      ...(old['operationId'] === now['operationId']
        ? []
        : [`${at} is no longer called ${JSON.stringify(old['operationId'])}`]),
      ...compareParameters(listOf(old['parameters']), listOf(now['parameters']), at),
      ...compareMedia(objectOf(old['requestBody']), objectOf(now['requestBody']), 'sent', `${at} body`),
      ...Object.entries(objectOf(old['responses'])).flatMap(([status, response]) => {
        const next = objectOf(now['responses'])[status];
        if (next === undefined) return [`${at} no longer answers ${status}`];
        return compareMedia(objectOf(response), objectOf(next), 'answered', `${at} ${status}`);
      }),
    ];
  }

  function compareParameters(old: Json[], now: Json[], at: string): string[] {
    const find = (list: Json[], it: Json) =>
      list.find(({ name, in: where }) => name === it['name'] && where === it['in']);
    const nameOf = (it: Json) => `${at} parameter ${String(it['name'])}`;
    return [
      ...old.flatMap((it) => {
        const next = find(now, it);
        if (!next) return [`${nameOf(it)} is gone`];
        return compareSchemas(it['schema'], next['schema'], 'sent', nameOf(it));
      }),
      ...now
        .filter((it) => it['required'] === true && find(old, it)?.['required'] !== true)
        .map((it) => `${nameOf(it)} is now required`),
    ];
  }

  function compareMedia(old: Json, now: Json, direction: Direction, at: string): string[] {
    const later = objectOf(now['content']);
    return Object.entries(objectOf(old['content'])).flatMap(([type, media]) => {
      if (later[type] === undefined) return [`${at} is no longer ${type}`];
      return compareSchemas(objectOf(media)['schema'], objectOf(later[type])['schema'], direction, at);
    });
  }

  function compareSchemas(oldGiven: unknown, nowGiven: unknown, direction: Direction, at: string): string[] {
    const old = resolve(before, objectOf(oldGiven));
    const now = resolve(after, objectOf(nowGiven));
    const [narrow, wide] = direction === 'sent' ? [old, now] : [now, old];
    const wideTypes = typesOf(wide);
    const foreign = typesOf(narrow).filter((it) => !wideTypes.includes(it));
    if (wideTypes.length > 0 && foreign.length > 0) {
      return [`${at} ${direction === 'sent' ? 'no longer takes' : 'may now be'} ${foreign.join(', ')}`];
    }
    return [
      ...compareValues(old, now, direction, at),
      ...compareProperties(old, now, direction, at),
      ...(old['items'] && now['items']
        ? compareSchemas(old['items'], now['items'], direction, `${at}[]`)
        : []),
      ...(isObject(old['additionalProperties']) && isObject(now['additionalProperties'])
        ? compareSchemas(old['additionalProperties'], now['additionalProperties'], direction, `${at}.*`)
        : []),
      ...compareBranches(old, now, direction, at),
    ];
  }

  /** A response may have new values: clients must ignore unknown ones. */
  function compareValues(old: Json, now: Json, direction: Direction, at: string): string[] {
    if (direction === 'answered' || !Array.isArray(now['enum'])) return [];
    const values = now['enum'] as unknown[];
    return ((old['enum'] ?? []) as unknown[])
      .filter((it) => !values.includes(it))
      .map((it) => `${at} no longer takes ${JSON.stringify(it)}`);
  }

  function compareProperties(old: Json, now: Json, direction: Direction, at: string): string[] {
    const [was, is] = [objectOf(old['properties']), objectOf(now['properties'])];
    const [needed, needs] = [namesOf(old['required']), namesOf(now['required'])];
    const broken =
      direction === 'sent'
        ? needs.filter((name) => !needed.includes(name)).map((name) => `${at}.${name} is now required`)
        : needed
            .filter((name) => name in is && !needs.includes(name))
            .map((name) => `${at}.${name} may now be absent`);
    return [
      ...broken,
      ...Object.entries(was).flatMap(([name, schema]) => {
        if (!(name in is)) return [`${at}.${name} is gone`];
        return compareSchemas(schema, is[name], direction, `${at}.${name}`);
      }),
    ];
  }

  /** Only alternatives that their position distinguishes. */
  function compareBranches(old: Json, now: Json, direction: Direction, at: string): string[] {
    return ['anyOf', 'oneOf', 'allOf', 'prefixItems'].flatMap((keyword) => {
      const [was, is] = [listOf(old[keyword]), listOf(now[keyword])];
      if (was.length !== is.length) return [];
      return was.flatMap((it, i) => compareSchemas(it, is[i], direction, at));
    });
  }
}

function typesOf(schema: Json): string[] {
  const own = [schema['type'] ?? []].flat().map(String);
  // Whole numbers are numbers.
  return own.includes('number') ? [...own, 'integer'] : own;
}

function resolve(document: Json, schema: Json): Json {
  const reference = schema['$ref'];
  if (typeof reference !== 'string') return schema;
  return reference
    .split('/')
    .slice(1)
    .reduce<Json>((at, name) => objectOf(at[name]), document);
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const objectOf = (value: unknown): Json => (isObject(value) ? value : {});
const listOf = (value: unknown): Json[] => (Array.isArray(value) ? value.map(objectOf) : []);
const namesOf = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);
