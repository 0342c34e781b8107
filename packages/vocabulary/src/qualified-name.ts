/**
 * Writes a URI with the longest prefix that fits, as `yso:p10`; without one, what follows its last `/`, `#` or `:`.
 *
 * @param prefixes namespaces by prefix
 */
export function qualifiedName(uri: string, prefixes: Readonly<Record<string, string>>): string {
  let name: string | undefined;
  let longest = 0;
  for (const [prefix, namespace] of Object.entries(prefixes)) {
    if (namespace.length <= longest || namespace.length === uri.length || !uri.startsWith(namespace)) continue;
    longest = namespace.length;
    name = `${prefix}:${uri.slice(longest)}`;
  }
  return name ?? (/[^/#:]+$/.exec(uri)?.[0] || uri);
}

/** @returns the URI that a rule means: itself, in angle brackets, or `prefix:name` with one of the prefixes */
export function expandName(name: string, ...prefixTables: readonly Readonly<Record<string, string>>[]): string {
  if (name.startsWith('<') && name.endsWith('>')) return name.slice(1, -1);
  const colon = name.indexOf(':');
  if (colon < 0 || name.startsWith('//', colon + 1)) return name;
  const prefix = name.slice(0, colon);
  for (const prefixes of prefixTables) {
    if (Object.hasOwn(prefixes, prefix)) return (prefixes[prefix] as string) + name.slice(colon + 1);
  }
  return name;
}
