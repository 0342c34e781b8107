/**
 * Writes a table in Markdown, columns padded: the first to the left, all others to the right.
 *
 * @param rows cells, each row as long as the header
 */
export function markdownTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((name, column) =>
    Math.max(3, name.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join(' | ')} |`;
  const rule = widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [line(header), line(rule), ...rows.map(line)].join('\n');
}

/** @returns the number with so many decimals, or – where there is none */
export function figure(value: number | null | undefined, decimals: number): string {
  return value === null || value === undefined || Number.isNaN(value) ? '–' : value.toFixed(decimals);
}

/** @returns the difference with its sign */
export function difference(value: number | null | undefined, decimals: number): string {
  const text = figure(value, decimals);
  return typeof value === 'number' && value > 0 ? `+${text}` : text;
}
