/** Writes a truth as Annif's tables do: `True`, `False`, `None`. */
export function pythonTruth(value: boolean | null): string {
  if (value === null) return 'None';
  return value ? 'True' : 'False';
}

/** @returns local time as `YYYY-MM-DD HH:MM:SS`, or `-` */
export function localTime(time: Date | undefined): string {
  if (!time) return '-';
  const two = (n: number) => String(n).padStart(2, '0');
  const day = [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join('-');
  return `${day} ${[time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(':')}`;
}
