/** The first that fits: browsers name others, too, with which they want to be compatible. */
const FAMILIES = [
  ['Edg', 'Edge'],
  ['OPR', 'Opera'],
  ['Firefox', 'Firefox'],
  ['Chrom', 'Chrome'],
  ['Safari', 'Safari'],
] as const;
const SYSTEMS = [
  ['Windows', 'Windows'],
  ['Android', 'Android'],
  ['iPhone', 'iPhone'],
  ['iPad', 'iPad'],
  ['Mac OS', 'macOS'],
  ['Linux', 'Linux'],
] as const;

/** What a person calls the browser that a `User-Agent` names, such as `Firefox on Linux`. In words of ours alone. */
export function browserName(userAgent: string | undefined): string {
  const first = (list: typeof FAMILIES | typeof SYSTEMS) =>
    list.find(([mark]) => userAgent?.includes(mark))?.[1];
  const family = first(FAMILIES);
  const system = first(SYSTEMS);
  if (family === undefined) return 'Another program';
  return system === undefined ? family : `${family} on ${system}`;
}
