import { placeKey, type Application, type CallSite, type Layer, type Place } from '../graph';

/** `1 parameter`, `1,024 parameters`. */
export function count(n: number, noun: string): string {
  return `${n.toLocaleString('en-US')} ${noun}${n === 1 ? '' : 's'}`;
}

/** `a`, `a and b`, `a, b and c`. */
export function list(items: readonly string[]): string {
  return items.length < 2 ? (items[0] ?? '') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)!}`;
}

export function distinct<T>(items: Iterable<T>, key: (item: T) => unknown = (item) => item): T[] {
  const seen = new Map<unknown, T>();
  for (const item of items) if (!seen.has(key(item))) seen.set(key(item), item);
  return [...seen.values()];
}

/** The items of each call, in the order of its first one. */
export function bySite<T>(items: Iterable<T>, siteOf: (item: T) => CallSite): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = placeKey(sitePlace(siteOf(item)));
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return [...groups.values()];
}

/** The author's name of a layer in quotes, with a space in front; empty where it has none. */
export function givenName(layer: Layer): string {
  const name = layer.config.get('name');
  return typeof name === 'string' && name !== '' ? ` '${name}'` : '';
}

/** What an application is, as a reader of the code calls it: `maxPooling2d`, `tf.add`, `a nested model`. */
export function applicationName(application: Application): string {
  const { target } = application;
  switch (target.type) {
    case 'layer':
      return `${target.layer.kind.replace(/^custom:/, '')}${givenName(target.layer)}`;
    case 'model':
      return 'a nested model';
    case 'op':
      return `tf.${target.name}`;
    case 'unknown':
      return 'unknown code';
  }
}

/** Where a reader looks for an application: at the creation of its layer, else at the call. */
export function applicationPlace(application: Application): Place | null {
  const { target } = application;
  return (target.type === 'layer' ? sitePlace(target.layer.site) : null) ?? application.place;
}

export function sitePlace(site: CallSite): Place;
export function sitePlace(site: CallSite | null): Place | null;
export function sitePlace(site: CallSite | null): Place | null {
  return site === null ? null : { file: site.file, start: site.call.start, end: site.call.end };
}
